import { reasonOf } from '../core/errors.ts';
import type { FailedItem, FlowNode } from '../core/flow.ts';
import { preview, safeText, type Redact } from './preview.ts';
import type { FailureReport } from './report.ts';

/** What failed, and where. */
interface Failure {
  readonly at: number;
  readonly error: unknown;
  /** The stage or source; where the error is not its own, the first one that it came to. The end of the flow has no name. */
  readonly node: FlowNode;
  /** Whether the error came to `node` from above, and no stage or source has said that it is its own. */
  readonly isFromAbove: boolean;
  readonly item?: { readonly value: unknown; readonly index: number; readonly attempt: number } | undefined;
}

/** The failure that a flow ended with. */
export interface Cause extends Failure {
  /** What `node` is called in the report; nothing where it is the end of the flow. */
  readonly stage: string;
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

  /** `slot` is where the item was that failed; `null` where the error has come to `node` from above. */
  add(at: number, error: unknown, node: FlowNode, slot: FailedItem | null | undefined): void {
    const latest = this.#latest;
    if (latest !== undefined) {
      if (isToldOf(latest, error, node, slot)) return;
      const before = this.#kept.at(-1)?.at ?? -Infinity;
      // What is known better now is not told of twice.
      const isSame = latest.isFromAbove && latest.error === error;
      if (!isSame && latest.at - before >= APART) this.#keep(latest);
    }
    const item = slot ? { value: slot.item, index: slot.index, attempt: slot.attempt ?? 1 } : undefined;
    this.#latest = { at, error, node, isFromAbove: slot === null, item };
  }

  /** The one that led to `error`, if it is the latest. */
  causeOf(error: unknown): Cause | undefined {
    const latest = this.#latest;
    if (latest === undefined || !comesOf(error, latest.error)) return undefined;
    return { ...latest, stage: this.#call(latest.node) };
  }

  /** The newest last. */
  list(): readonly FailureReport[] {
    return this.#latest === undefined ? [...this.#kept] : [...this.#kept, this.#describe(this.#latest)].slice(-MOST);
  }

  #keep(failure: Failure): void {
    this.#kept.push(this.#describe(failure));
    if (this.#kept.length > MOST) this.#kept.shift();
  }

  #describe({ at, error, node, isFromAbove, item }: Failure): FailureReport {
    const name = this.#call(node);
    const above = name === '' ? 'above the end' : `above "${name}"`;
    const failure = { at, stage: isFromAbove ? above : name, error: safeText(reasonOf(error)) };
    if (item === undefined) return failure;
    const { value, index, attempt } = item;
    return { ...failure, item: preview(value, this.#redact), index, attempt };
  }

  #call(node: FlowNode): string {
    return node.name ? this.#nameOf(node) : '';
  }
}

/** Whether an error is heard of again: from a stage that fails because of an item, or from what it passes on its way down. */
function isToldOf(latest: Failure, error: unknown, node: FlowNode, slot: FailedItem | null | undefined): boolean {
  // What has no name says less about where the error came from than what it passes next.
  if (slot === null) return comesOf(error, latest.error) && !(latest.isFromAbove && !latest.node.name);
  if (latest.error !== error) return false;
  if (slot !== undefined) return latest.node === node && latest.item?.index === slot.index;
  // What comes to a stage from above may all the same be its own: that of an emitter.
  if (latest.node === node) return !latest.isFromAbove;
  // So may that of a source: a reason to abort is one for all.
  if (node.kind === 'source') return false;
  // Another subscription of the same operator may well fail with the same error.
  return latest.node.definition !== node.definition;
}

/** Whether an error is `origin`, or has it among its causes: whoever catches one may throw another. */
function comesOf(error: unknown, origin: unknown): boolean {
  let cause = error;
  for (let i = 0; cause !== origin; i++) {
    cause = causeOf(cause);
    if (cause === undefined || i === MOST_CAUSES) return false;
  }
  return true;
}

function causeOf(error: unknown): unknown {
  try {
    return (error as { readonly cause?: unknown } | null | undefined)?.cause;
  } catch {
    return undefined;
  }
}

const MOST = 20;
const MOST_CAUSES = 10;
/** Milliseconds between two failures that are both kept. */
const APART = 10;
