import type { LoopMoment, LoopTime } from './LoopTime.ts';
import type { FlowStats } from './report.ts';
import { statsSince } from './statsSince.ts';

/** What a flow did in a time, and the share of that in which the main thread was at work, if it is known. */
export interface Spell {
  readonly stats: FlowStats;
  readonly loop: number | undefined;
}

/**
 * Remembers the last seconds of a flow, as often as it is looked at, so that a bottleneck that has moved shows soon, however long
 * the flow has run.
 */
export class Lately {
  readonly #loop: LoopTime;
  #moments: readonly Moment[] = [];

  constructor(loop: LoopTime) {
    this.#loop = loop;
  }

  /** How many moments are kept. */
  get size(): number {
    return this.#moments.length;
  }

  /** What the flow did in the last seconds up to now; all that it has done while it is young, or has just been looked at again. */
  upTo(stats: FlowStats): Spell {
    const { elapsed } = stats;
    const known = this.#moments.filter(({ stats: then }) => elapsed - then.elapsed <= SPAN);
    const last = known.at(-1);
    const isNew = last === undefined || elapsed - last.stats.elapsed >= STEP;
    this.#moments = isNew ? [...known, { stats, loop: this.#loop.moment }] : known;
    const [first] = known;
    if (elapsed <= SPAN || first === undefined || elapsed - first.stats.elapsed < STEP) {
      return { stats, loop: this.#loop.share() };
    }
    return { stats: statsSince(first.stats, stats), loop: this.#loop.share(first.loop) };
  }

  forget(): void {
    this.#moments = [];
  }
}

interface Moment {
  readonly stats: FlowStats;
  readonly loop: LoopMoment | undefined;
}

/** Milliseconds that are looked back, and at least between two that are remembered: so no more than nine are. */
const SPAN = 8000;
const STEP = 1000;
