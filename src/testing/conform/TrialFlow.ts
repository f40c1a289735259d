import type { Flow, FlowNode } from '../../core/flow.ts';
import { Gate } from '../../core/gate.ts';
import { beginTiming } from '../../core/telemetry.ts';

/** A flow as `run` would start one. It keeps every stage and source that joins it, to hold their counters against each other. */
export class TrialFlow implements Flow {
  readonly strict = false;
  readonly quitting = false;
  readonly turn = new Gate();
  readonly stages: FlowNode[] = [];
  readonly live = new Set<FlowNode>();
  /** How many promises of {@link Flow.releasing} have not settled. */
  releases = 0;
  readonly #lateError: (error: unknown) => void;
  #time = 1;

  constructor(lateError: (error: unknown) => void) {
    this.#lateError = lateError;
  }

  now(): number {
    return this.#time++;
  }

  spend(): void {}

  join(node: FlowNode): boolean {
    beginTiming(node.telemetry);
    if (node.kind === 'stage') this.stages.push(node);
    this.live.add(node);
    return true;
  }

  leave(node: FlowNode): void {
    this.live.delete(node);
  }

  releasing(released: PromiseLike<unknown>): void {
    this.releases++;
    const settled = (): void => void this.releases--;
    released.then(settled, settled);
  }

  lateError(error: unknown): void {
    this.#lateError(error);
  }

  /** How many items all stages together have given up in one of these ways. */
  count(...ways: readonly ('failed' | 'dropped' | 'merged' | 'deadLettered')[]): number {
    return this.stages.reduce((sum, { telemetry }) => sum + ways.reduce((own, way) => own + telemetry[way], 0), 0);
  }

  /** The stages in which an item has come in that is neither held nor accounted for, with their counters. */
  get unbalanced(): string[] {
    return this.stages.flatMap(({ name, telemetry, held }) => {
      const { completed, failed, dropped, merged, deadLettered, abandoned } = telemetry;
      const known = { completed, failed, dropped, merged, deadLettered, abandoned, held };
      const sum = Object.values(known).reduce((a, b) => a + b, 0);
      return sum === telemetry.in ? [] : [`${telemetry.in} came into "${name}", and its counters say ${words(known)}`];
    });
  }
}

function words(counters: Readonly<Record<string, number>>): string {
  return Object.entries(counters)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
