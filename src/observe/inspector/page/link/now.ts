/** Milliseconds since 1970, which go on evenly if the clock of the machine is set. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
