import { readdirSync } from 'node:fs';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';

/** What the process holds at one moment. */
export interface Resources {
  /** Bytes of heap in use after a collection. */
  readonly heap: number;
  /** Timers, streams, workers and the like that keep the process alive. */
  readonly handles: number;
  /** What these are. */
  readonly kinds: string;
  /** Open files; 0 where the system does not say. */
  readonly files: number;
  /** Listeners on the process. */
  readonly listeners: number;
}

/**
 * Collects garbage and looks at what is left. To be called while no flow runs. A timer that is about to fire keeps what it is
 * to work on; `patience` milliseconds at most are waited for those that are running. The heap takes five collections to be told.
 */
export async function measure(patience: number, collections: number): Promise<Resources> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('Start it with node --expose-gc');
  const until = performance.now() + patience;
  while (performance.now() < until && process.getActiveResourcesInfo().includes('Timeout')) await turn();
  // What has been closed needs some turns of the event loop until it is gone; what finalizers let go needs another collection.
  for (let i = 0; i < collections; i++) {
    await sleep(5);
    gc();
    await turn();
  }
  const handles = process.getActiveResourcesInfo();
  return {
    heap: process.memoryUsage().heapUsed,
    handles: handles.length,
    kinds: [...new Set(handles)].join(', '),
    files: openFiles(),
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  };
}

/** The counts that have grown: in the last third there never were as few as the most in the first third. */
export function grown(samples: readonly Resources[]): string[] {
  const third = Math.floor(samples.length / 3);
  if (third === 0) return [];
  return (['handles', 'files', 'listeners'] as const).flatMap((what) => {
    const before = Math.max(...samples.slice(0, third).map((sample) => sample[what]));
    const after = Math.min(...samples.slice(-third).map((sample) => sample[what]));
    return after > before ? [`${what} have grown from ${before} to ${after}`] : [];
  });
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}
