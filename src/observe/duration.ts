/** A duration in milliseconds as a person reads it: 12.3 s, 1.23 s, 12.3 ms, 12 µs. */
export function duration(ms: number): string {
  if (ms >= 9995) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 999.5) return `${(ms / 1000).toFixed(2)} s`;
  if (ms >= 0.9995) return `${ms.toPrecision(3)} ms`;
  const us = ms * 1000;
  return `${us >= 9.95 ? us.toFixed(0) : us.toPrecision(2)} µs`;
}
