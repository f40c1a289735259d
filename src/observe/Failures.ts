import { reasonOf } from '../core/errors.ts';
import type { FailedItem, FlowNode } from '../core/flow.ts';
import { preview, safeText, type Redact } from './preview.ts';
import type { FailureReport } from './report.ts';

/** What failed, and where. */
export interface Failure {
  readonly at: number;
  readonly error: unknown;
  readonly node: FlowNode;
  readonly item?: { readonly value: unknown; readonly index: number; readonly attempt: number } | undefined;
}

/**
 * Keeps the last failures of a flow for its report: as text, so that no item outlives its work for it. Of failures that come faster
 * than {@link APART} only some are kept, since putting one into words takes longer than many an item; the latest always is.
 */
export class Failures {
  readonly #kept: FailureReport[] = [];
  readonly #redact: Redact | undefined;
  readonly #nameOf: (node: FlowNode) => string;
  #latest: Failure | undefined;

  /** @param nameOf What a stage is called in the report, where there may be several of its name. */
  constructor(redact: Redact | undefined, nameOf: (node: FlowNode) => string) {
    this.#redact = redact;
    this.#nameOf = nameOf;
  }

  add(at: number, error: unknown, node: FlowNode, slot: FailedItem | undefined): void {
    const latest = this.#latest;
    // A stage that fails because of an item is told of twice.
    if (slot === undefined && latest?.node === node && latest.error === error) return;
    const before = this.#kept.at(-1)?.at ?? -Infinity;
    if (latest !== undefined && latest.at - before >= APART) this.#keep(latest);
    const item = slot && { value: slot.item, index: slot.index, attempt: slot.attempt };
    this.#latest = { at, error, node, item };
  }

  /** The one that led to `error`, if it is the latest. */
  causeOf(error: unknown): Failure | undefined {
    return this.#latest?.error === error ? this.#latest : undefined;
  }

  /** The newest last. */
  list(): readonly FailureReport[] {
    return this.#latest === undefined ? [...this.#kept] : [...this.#kept, this.#describe(this.#latest)].slice(-MOST);
  }

  #keep(failure: Failure): void {
    this.#kept.push(this.#describe(failure));
    if (this.#kept.length > MOST) this.#kept.shift();
  }

  #describe({ at, error, node, item }: Failure): FailureReport {
    const failure = { at, stage: this.#nameOf(node), error: safeText(reasonOf(error)) };
    if (item === undefined) return failure;
    const { value, index, attempt } = item;
    return { ...failure, item: preview(value, this.#redact), index, attempt };
  }
}

const MOST = 20;
/** Milliseconds between two failures that are both kept. */
const APART = 10;
