import type { FlowNode } from '../../core/flow.ts';
import type { Gate } from '../../core/gate.ts';
import type { Inlet, OperatorConnection } from '../../core/operate.ts';
import { Telemetry } from '../../core/telemetry.ts';
import { PassingGate } from './PassingGate.ts';

/** Counts what passes the end of a stretch of a flow. It holds nothing. */
export class Stretch<T> implements Inlet<T>, FlowNode {
  readonly kind = 'stretch';
  readonly name: string;
  readonly definition: object;
  readonly telemetry = new Telemetry();
  readonly held = 0;
  readonly gate: Gate;
  readonly outlets: readonly Gate[];
  readonly #out: OperatorConnection<T>['out'];

  constructor({ out, below }: OperatorConnection<T>, settings: { readonly name: string }) {
    this.name = settings.name;
    this.definition = settings;
    this.outlets = [below];
    this.gate = new PassingGate(below);
    this.#out = out;
    below.flow!.join(this);
  }

  next(item: T): void {
    const { telemetry } = this;
    telemetry.in++;
    telemetry.out++;
    telemetry.completed++;
    this.#out.next(item);
  }

  finalize(): void {
    this.gate.flow!.leave(this);
  }

  /** What is above it is told by its own stages, and what is below by its own. */
  quit(): void {}
}
