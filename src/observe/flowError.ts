import { reasonOf } from '../core/errors.ts';
import type { Failure } from './Failures.ts';
import { originOf } from './origins.ts';
import type { Report } from './report.ts';

/**
 * A flow that was started by `run` failed. `cause` is the error itself, unchanged; `report` says how far the flow had come. Where the
 * error comes from a stage or a source, `stage` names it, and where it is that of an item, the other fields say which.
 */
export class FlowError extends Error {
  override readonly name = 'FlowError';
  readonly code = 'ERR_FLOW_FAILED';
  declare readonly report: Report;
  /** The stage or source that failed, as the report calls it. */
  declare readonly stage?: string;
  /** Where the stage was made, as `file:line:column`. Not in production. */
  declare readonly madeAt?: string;
  /** The item that failed, its place in the input of the stage, from 0, and which try it was, from 1. */
  declare readonly item?: unknown;
  declare readonly index?: number;
  declare readonly attempt?: number;

  constructor(report: Report, cause: unknown, failure?: Failure) {
    const madeAt = failure && originOf(failure.node);
    super(`Flow "${report.name}" failed: ${reasonOf(cause)}${whereabouts(report, failure, madeAt)}`, { cause });
    // An error that nobody caught is printed with its enumerable fields: the report would bury what to look at, and the item may have a
    // secret in it.
    Object.defineProperty(this, 'report', { value: report });
    if (failure === undefined) return;
    this.stage = stageOf(report, failure);
    if (madeAt !== undefined) this.madeAt = madeAt;
    if (failure.item === undefined) return;
    Object.defineProperty(this, 'item', { value: failure.item.value });
    this.index = failure.item.index;
    this.attempt = failure.item.attempt;
  }
}

/** As the report has it, which tells stages of one name apart; the latest of its failures is this one. */
function stageOf({ failures }: Report, { node }: Failure): string {
  return failures.at(-1)?.stage ?? node.name;
}

/** In words: the item as the report has it, shortened and without secrets. */
function whereabouts(report: Report, failure: Failure | undefined, madeAt: string | undefined): string {
  if (failure === undefined) return '';
  const { node, item } = failure;
  const made = madeAt === undefined ? '' : `, made at ${madeAt}`;
  const which = item === undefined ? '' : `, item ${item.index}: ${report.failures.at(-1)?.item}`;
  const attempt = item === undefined || item.attempt === 1 ? '' : `, attempt ${item.attempt}`;
  return ` (${node.kind} "${stageOf(report, failure)}"${made}${which}${attempt})`;
}
