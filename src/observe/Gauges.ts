import type { Gauge, ThreadsGauge, ThreadState } from '../core/gauge.ts';
import { Names } from './Names.ts';
import type { GaugeReport, ThreadReport } from './report.ts';

/** What a flow uses besides its stages: pools of threads, circuit breakers, limits. */
export class Gauges {
  /** By their names, which are numbered where they come again. */
  readonly #gauges = new Map<Gauge, string>();
  readonly #names = new Map<Gauge['kind'], Names>();
  readonly #pools = new Map<ThreadsGauge, Pool>();

  meet(gauge: Gauge, now: number): void {
    if (this.#gauges.has(gauge) || this.#gauges.size === MOST) return;
    const { kind, name } = gauge;
    const names = this.#names.get(kind) ?? new Names();
    this.#names.set(kind, names);
    this.#gauges.set(gauge, names.next(name));
    if (gauge.kind === 'threads') this.#pools.set(gauge, { since: now, atFirst: new Map(byThread(gauge.read())) });
  }

  /** Under which name something stands in the report. */
  nameOf(gauge: Gauge | undefined): string | undefined {
    return gauge && this.#gauges.get(gauge);
  }

  threads(now: number): ThreadReport[] {
    return [...this.#pools].flatMap(([gauge, { since, atFirst }]) =>
      gauge.read().map((state) => {
        const { busy = 0, items = 0, restarts = 0 } = atFirst.get(state.thread) ?? {};
        return {
          ...state,
          pool: this.#gauges.get(gauge)!,
          time: now - since,
          busy: state.busy - busy,
          items: state.items - items,
          restarts: state.restarts - restarts,
        };
      }),
    );
  }

  figures(): GaugeReport[] {
    return [...this.#gauges].flatMap(([gauge, name]) =>
      gauge.kind === 'threads' ? [] : [{ kind: gauge.kind, name, ...gauge.read() }],
    );
  }
}

/** What a pool had done before the flow came to use it. */
interface Pool {
  readonly since: number;
  readonly atFirst: ReadonlyMap<number, ThreadState>;
}

function byThread(states: readonly ThreadState[]): (readonly [number, ThreadState])[] {
  return states.map((state) => [state.thread, state]);
}

/** Kept at most: one breaker for each of many hosts is a reason to look at a sum, not at each. */
const MOST = 100;
