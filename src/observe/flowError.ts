import { reasonOf } from '../core/errors.ts';
import type { Report } from './report.ts';

/**
 * A flow that was started by `run` failed. `cause` is the error itself, unchanged; `report` says how far the flow had come.
 */
export class FlowError extends Error {
  override readonly name = 'FlowError';
  readonly code = 'ERR_FLOW_FAILED';
  readonly report: Report;

  constructor(report: Report, cause: unknown) {
    const message = reasonOf(cause);
    super(`Flow "${report.name}" failed: ${message}`, { cause });
    this.report = report;
  }
}
