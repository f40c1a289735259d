import type { StageReport } from '../report.ts';

/**
 * Finds out how many items each stage of one flow will get in all, where that is known and not a guess.
 *
 * A source says so itself (`StageReport.total`), and is believed until it has given more. A stage gets as many as what is above it
 * gives in all, as long as
 *
 * - the total of everything above it is known, and each of those gives to nothing else;
 * - each of them has so far given one value for each item that it no longer holds;
 * - exactly what they gave has arrived, so that nothing in between has left out, added, gathered or kept anything.
 *
 * A total that was found wrong once is not shown again: a bar that comes and goes says less than none.
 */
export class KnownTotals {
  readonly #unknown = new Set<string>();

  /** The totals by the names of the stages. Expects each stage after what is above it, as `FlowStats` has them. */
  of(stages: readonly StageReport[]): ReadonlyMap<string, number> {
    const totals = new Map<string, number>();
    const above = new Map<string, StageReport[]>();
    for (const stage of stages) {
      const total = this.#unknown.has(stage.name) ? undefined : totalOf(stage, above.get(stage.name) ?? [], totals);
      if (total === undefined) this.#unknown.add(stage.name);
      else totals.set(stage.name, total);
      for (const name of stage.to) {
        const known = above.get(name);
        if (known === undefined) above.set(name, [stage]);
        else known.push(stage);
      }
    }
    return totals;
  }
}

function totalOf(
  stage: StageReport,
  above: readonly StageReport[],
  totals: ReadonlyMap<string, number>,
): number | undefined {
  if (stage.kind === 'source') {
    const { total } = stage;
    return total !== undefined && Number.isFinite(total) && total >= stage.out ? total : undefined;
  }
  let sum = 0;
  let given = 0;
  for (const up of above) {
    const total = totals.get(up.name);
    if (total === undefined || up.to.length !== 1 || !givesOneForOne(up)) return undefined;
    sum += total;
    given += up.out;
  }
  return above.length > 0 && stage.in === given ? sum : undefined;
}

function givesOneForOne(stage: StageReport): boolean {
  return stage.kind === 'source' || stage.out === stage.in - stage.held;
}
