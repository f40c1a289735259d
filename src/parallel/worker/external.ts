import { getHeapStatistics } from 'node:v8';

let measured = 0;
let measuredAt = -Infinity;

/** Bytes that this thread holds outside its heap, buffers above all. Measured again after a millisecond at the earliest. */
export function external(): number {
  const now = performance.now();
  if (now - measuredAt > 1) {
    measured = getHeapStatistics().external_memory;
    measuredAt = now;
  }
  return measured;
}
