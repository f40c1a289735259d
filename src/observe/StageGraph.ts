import type { StageReport } from './report.ts';

/** Which stages send to which. Stretches, which only count, are looked through. */
export class StageGraph {
  readonly #above = new Map<string, StageReport[]>();
  readonly #below = new Map<string, StageReport[]>();

  constructor(stages: readonly StageReport[]) {
    const byName = new Map(stages.map((stage) => [stage.name, stage]));
    for (const { name } of stages) this.#above.set(name, []);
    for (const stage of stages) {
      const below = stage.to.flatMap((name) => byName.get(name) ?? []);
      this.#below.set(stage.name, below);
      for (const { name } of below) this.#above.get(name)!.push(stage);
    }
  }

  /** What sends to a stage directly. */
  above(stage: StageReport): StageReport[] {
    return direct(stage, this.#above);
  }

  /** What a stage sends to directly. */
  below(stage: StageReport): StageReport[] {
    return direct(stage, this.#below);
  }

  /**
   * The nearest of those from which something gets to a stage for which `isIt` holds. What lies above one for which `isEnd` holds is not
   * looked at.
   */
  nearestAbove(
    stage: StageReport,
    isIt: (above: StageReport) => boolean,
    isEnd: (above: StageReport) => boolean = () => false,
  ): StageReport | undefined {
    const looked = new Set([stage]);
    // A set gives also what is added while it is gone through.
    for (const each of looked) {
      if (each !== stage && each.kind !== 'stretch') {
        if (isIt(each)) return each;
        if (isEnd(each)) continue;
      }
      for (const above of this.#above.get(each.name) ?? []) looked.add(above);
    }
    return undefined;
  }
}

function direct(stage: StageReport, next: ReadonlyMap<string, readonly StageReport[]>): StageReport[] {
  const looked = new Set([stage]);
  for (const each of looked) {
    if (each !== stage && each.kind !== 'stretch') continue;
    for (const other of next.get(each.name) ?? []) looked.add(other);
  }
  return [...looked].filter((each) => each !== stage && each.kind !== 'stretch');
}
