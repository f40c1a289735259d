import type { ProcessTick } from './protocol.ts';

/**
 * Measures the process for those who show it, each since it last asked. The event loop is only watched while there is
 * somebody. (Not with `monitorEventLoopDelay`: it forgets with each `reset` when it last came round, and so misses what blocks
 * the loop right after a tick.)
 */
export class ProcessWatch {
  readonly #meters = new Set<ProcessMeter>();
  #timer: ReturnType<typeof setInterval> | undefined;
  /** When the event loop last came round. */
  #last = 0;

  join(): ProcessMeter {
    if (this.#meters.size === 0) {
      this.#last = performance.now();
      this.#timer = setInterval(() => this.#look(), RESOLUTION).unref();
    }
    const meter = new ProcessMeter(() => this.#look());
    this.#meters.add(meter);
    return meter;
  }

  leave(meter: ProcessMeter): void {
    this.#meters.delete(meter);
    if (this.#meters.size === 0) clearInterval(this.#timer);
  }

  /** Tells every meter by how much longer than it should be the last turn of the event loop was. */
  #look(): void {
    const now = performance.now();
    const delay = now - this.#last - RESOLUTION;
    this.#last = now;
    for (const meter of this.#meters) meter.loopDelay = Math.max(meter.loopDelay, delay);
  }
}

/** Milliseconds. */
const RESOLUTION = 20;

/** What one of those who show the process asks. */
export class ProcessMeter {
  /** The longest delay of the event loop that it has not been asked for yet. */
  loopDelay = 0;
  readonly #look: () => void;
  #cpu = process.cpuUsage();
  #at = performance.now();

  constructor(look: () => void) {
    this.#look = look;
  }

  /** What the process was like since the last call. */
  read(): ProcessTick {
    this.#look();
    const { loopDelay } = this;
    this.loopDelay = 0;
    const cpu = process.cpuUsage();
    const at = performance.now();
    const used = (cpu.user - this.#cpu.user + cpu.system - this.#cpu.system) / 1000;
    const share = used / Math.max(at - this.#at, 1);
    this.#cpu = cpu;
    this.#at = at;
    const { rss, heapUsed } = process.memoryUsage();
    return { loopDelay: round(loopDelay), memory: rss, heap: heapUsed, cpu: round(share) };
  }
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
