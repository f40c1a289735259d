import type { FlowView } from '../../../src/observe/FlowView.ts';
import type { Diagnosis, FlowStats, Report, StageReport } from '../../../src/observe/report.ts';
import { stageReport } from '../stageReport.ts';

/** A flow whose counters are whatever a test says they are. */
export class FakeFlow implements FlowView {
  readonly name: string;
  quitting = false;
  report: Report | undefined;
  results = 0;
  stages: StageReport[];
  looks = 0;
  readonly #began = performance.now();
  readonly #acts: (() => void)[] = [];

  constructor(name: string, stages: StageReport[] = []) {
    this.name = name;
    this.stages = stages;
  }

  stats(): FlowStats {
    this.looks++;
    const elapsed = performance.now() - this.#began;
    const { name, results, stages } = this;
    return { name, elapsed, results, lateErrors: 0, stages, threads: [], gauges: [], failures: [] };
  }

  diagnose(): Diagnosis {
    return { advice: [] };
  }

  durations(): undefined {
    return undefined;
  }

  onEnd(act: () => void): void {
    this.#acts.push(act);
  }

  /** Changes the counters of one stage. */
  set(name: string, given: Partial<StageReport>): void {
    this.stages = this.stages.map((it) => (it.name === name ? { ...it, ...given } : it));
  }

  end(ended: Report['ended'] = 'completed'): void {
    this.report = { ...this.stats(), ended, advice: [], abandoned: 0 };
    for (const act of this.#acts) act();
  }
}

/** A stage that sends nothing on and in which only what is given happened. */
export function stage(name: string, given: Partial<StageReport> = {}): StageReport {
  return stageReport(name, { to: [], ...given });
}
