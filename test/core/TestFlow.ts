import type { Flow, FlowNode, WorkingStage } from '../../src/core/flow.ts';
import { Gate } from '../../src/core/gate.ts';
import { StageWatch } from '../../src/observe/StageWatch.ts';
import { violations } from './violations.ts';
import { beginTiming } from '../../src/core/telemetry.ts';

/**
 * A flow as `run` would start one, with a clock that ticks once a look. It keeps every stage and source that joins it, and
 * holds their counters against each other whenever an item leaves a source, so at every step of the flow.
 */
export class TestFlow implements Flow {
  strict = false;
  quitting = false;
  readonly turn = new Gate();
  /** Everything that ever joined, in that order. */
  readonly nodes: FlowNode[] = [];
  readonly live = new Set<FlowNode>();
  readonly lateErrors: { error: unknown; stage: string }[] = [];
  readonly released: PromiseLike<unknown>[] = [];
  /** How many items have left sources. */
  spent = 0;
  /** What {@link Flow.join} answers. */
  admits = true;
  #time = 1;

  now(): number {
    return this.#time++;
  }

  spend(): void {
    this.spent++;
    this.check();
  }

  join(node: FlowNode): boolean {
    beginTiming(node.telemetry);
    this.nodes.push(node);
    this.live.add(node);
    return this.admits;
  }

  equip<T, R>(stage: WorkingStage<T, R>): void {
    stage.watch = new StageWatch(stage, this);
  }

  leave(node: FlowNode): void {
    this.live.delete(node);
  }

  releasing(released: PromiseLike<unknown>): void {
    this.released.push(released);
  }

  lateError(error: unknown, stage: string): void {
    this.lateErrors.push({ error, stage });
  }

  /** The first node of that name. */
  node(name: string): FlowNode {
    const found = this.nodes.find((node) => node.name === name);
    if (found === undefined)
      throw new Error(`No node "${name}" among ${this.nodes.map((node) => node.name).join(', ')}`);
    return found;
  }

  /** Holds that in every stage each item which arrived is accounted for, once. */
  check(): void {
    for (const node of this.nodes) {
      if (node.kind === 'source') continue;
      const { in: arrived, completed, failed, dropped, merged, deadLettered, abandoned } = node.telemetry;
      const known = { completed, failed, dropped, merged, deadLettered, abandoned, held: node.held };
      const sum = completed + failed + dropped + merged + deadLettered + abandoned + node.held;
      if (sum !== arrived) violations.push(`${arrived} arrived in "${node.name}", known are ${JSON.stringify(known)}`);
    }
  }
}
