import { reasonOf } from '../core/errors.ts';
import type { Cause } from './Failures.ts';
import { originOf } from './origins.ts';
import { safeText } from './preview.ts';
import type { Report } from './report.ts';

/**
 * A flow that was started by `run` failed. `cause` is the error itself, unchanged; `report` says how far the flow had come. Where the
 * error comes from a stage or a source, `stage` names it, and where it is that of an item, the other fields say which. Of one that comes
 * from anything else, such as an operator of RxJS, the message says between which stages that is.
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

  constructor(report: Report, cause: unknown, failure?: Cause) {
    const own = failure?.isFromAbove === false ? failure : undefined;
    const madeAt = own && originOf(own.node);
    const where = own === undefined ? between(report, failure) : whereabouts(report, own, madeAt);
    super(`Flow "${report.name}" failed: ${safeText(reasonOf(cause), MAX_REASON)}${where}`, { cause });
    // An error that nobody caught is printed with its enumerable fields: the report would bury what to look at, and the item may have a
    // secret in it.
    Object.defineProperty(this, 'report', { value: report });
    if (own === undefined) return;
    this.stage = own.stage;
    if (madeAt !== undefined) this.madeAt = madeAt;
    if (own.item === undefined) return;
    Object.defineProperty(this, 'item', { value: own.item.value });
    this.index = own.item.index;
    this.attempt = own.item.attempt;
  }
}

/** In words: the item as the report has it, whose latest failure this is: shortened and without secrets. */
function whereabouts({ failures }: Report, { node, stage, item }: Cause, madeAt: string | undefined): string {
  const made = madeAt === undefined ? '' : `, made at ${madeAt}`;
  const which = item === undefined ? '' : `, item ${item.index}: ${failures.at(-1)?.item}`;
  const attempt = item === undefined || item.attempt === 1 ? '' : `, attempt ${item.attempt}`;
  return ` (${node.kind ?? 'operator'} "${stage}"${made}${which}${attempt})`;
}

/** In words: below which stages an error came in, and above which one, as far as there are any. */
function between({ stages }: Report, failure: Cause | undefined): string {
  if (failure === undefined) return '';
  const below = failure.stage;
  const above = stages.filter(({ to }) => (below === '' ? to.length === 0 : to.includes(below)));
  const names = above.slice(0, MAX_NAMES).map(({ name }) => `"${name}"`);
  if (above.length > MAX_NAMES) names.push('others');
  const list = names.join(' or ');
  if (below === '') return list === '' ? '' : ` (below ${list})`;
  return list === '' ? ` (above "${below}")` : ` (between ${list} and "${below}")`;
}

/** Longer than elsewhere: what many an error says last is what to do about it. */
const MAX_REASON = 1_000;
const MAX_NAMES = 3;
