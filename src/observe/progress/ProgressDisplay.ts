import type { FlowView } from '../FlowView.ts';

/** Shows all flows that are run with progress on one stream. It holds nothing of the process before the first and after the last. */
export interface ProgressDisplay {
  /** Whether it shows nothing, and has let go of everything. */
  readonly isIdle: boolean;
  /** Shows a flow until it has ended. */
  show(view: FlowView): void;
}
