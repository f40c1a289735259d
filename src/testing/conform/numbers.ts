/** From 0, so many. */
export function numbers(count: number): number[] {
  const all: number[] = [];
  for (let n = 0; n < count; n++) all.push(n);
  return all;
}
