import type { Flow, FlowNode } from '../../core/flow.ts';
import { Gate } from '../../core/gate.ts';
import type { Journal } from './Journal.ts';
import { beginTiming } from '../../core/telemetry.ts';

/** A flow as `run` would start one, with a clock that ticks once a look: what the stages in it count must add up at every step. */
export class SimulatedFlow implements Flow {
  readonly strict = false;
  readonly quitting = false;
  readonly turn = new Gate();
  /** Those that have joined and not left. */
  readonly live = new Set<FlowNode>();
  readonly #nodes: FlowNode[] = [];
  readonly #journal: Journal;
  #time = 1;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** Every stage that ever joined. */
  get stages(): readonly FlowNode[] {
    return this.#nodes.filter(({ kind }) => kind === 'stage');
  }

  now(): number {
    return this.#time++;
  }

  spend(): void {
    this.check();
  }

  join(node: FlowNode): boolean {
    beginTiming(node.telemetry);
    this.#nodes.push(node);
    this.live.add(node);
    return true;
  }

  leave(node: FlowNode): void {
    this.live.delete(node);
  }

  releasing(released: PromiseLike<unknown>): void {
    const settled = (): void => this.#journal.note(() => 'something is released');
    released.then(settled, settled);
  }

  lateError(error: unknown, stage: string): void {
    this.#journal.note(() => `"${stage}" reports an error that came too late: ${String(error)}`);
  }

  /** Holds that in every stage each item that arrived is accounted for, once. */
  check(): void {
    for (const { name, telemetry, held } of this.stages) {
      const { in: arrived, completed, failed, dropped, merged, deadLettered, abandoned } = telemetry;
      if (completed + failed + dropped + merged + deadLettered + abandoned + held === arrived) continue;
      const known = JSON.stringify({ completed, failed, dropped, merged, deadLettered, abandoned, held });
      this.#journal.break('conservation', `${arrived} items arrived in "${name}", and it accounts for ${known}`);
    }
  }
}
