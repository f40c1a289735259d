import { isEnough } from './advice/isEnough.ts';
import { diagnose } from './diagnose.ts';
import { Lately } from './Lately.ts';
import { LoopTime } from './LoopTime.ts';
import type { Diagnosis, FlowStats } from './report.ts';

/** Says what limits one flow, from when it begins. */
export class Diagnoses {
  readonly #cores: number;
  readonly #loop = new LoopTime();
  readonly #lately = new Lately(this.#loop);
  #last: { readonly at: number; readonly diagnosis: Diagnosis } | undefined;

  constructor(cores: number) {
    this.#cores = cores;
  }

  /** What limited it on the whole. */
  whole(stats: FlowStats): Diagnosis {
    return diagnose(stats, this.#cores, this.#loop.share());
  }

  /** What has limited it in the last seconds, as far as it was looked at. It is looked at anew twice a second, however often it is asked for. */
  lately(stats: FlowStats): Diagnosis {
    const at = stats.elapsed;
    if (this.#last === undefined || at - this.#last.at >= AGAIN) this.#last = { at, diagnosis: this.#ofLately(stats) };
    return this.#last.diagnosis;
  }

  /** It has ended: only the whole will be asked for. */
  end(): void {
    this.#lately.forget();
    this.#last = undefined;
  }

  #ofLately(stats: FlowStats): Diagnosis {
    const lately = this.#lately.upTo(stats);
    const now = diagnose(lately.stats, this.#cores, lately.loop);
    if (isEnough(lately.stats)) return now;
    // Where items take long, only the whole has enough of them to say what helps against the same.
    const whole = this.whole(stats);
    return now.bottleneck?.name === whole.bottleneck?.name ? { ...now, advice: whole.advice } : now;
  }
}

/** Milliseconds. */
const AGAIN = 500;
