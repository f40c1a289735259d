import { getHeapStatistics } from 'node:v8';

/** What a thread holds, in bytes: outside its heap, buffers above all, and in it. */
interface Memory {
  readonly external: number;
  readonly heap: number;
}

let measured: Memory = { external: 0, heap: 0 };
let measuredAt = -Infinity;

/** What this thread holds. Measured again after a millisecond at the earliest. */
export function memory(): Memory {
  const now = performance.now();
  if (now - measuredAt > 1) {
    const { external_memory: external, used_heap_size: heap } = getHeapStatistics();
    measured = { external, heap };
    measuredAt = now;
  }
  return measured;
}
