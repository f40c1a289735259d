import type { FlowView } from '../FlowView.ts';
import { BarDisplay } from './BarDisplay.ts';
import { LineDisplay } from './LineDisplay.ts';
import type { ProgressDisplay } from './ProgressDisplay.ts';
import type { ProgressOutputs, ProgressStream } from './ProgressOutputs.ts';

/** The display of each stream: flows that run at once share it. */
const displays = new WeakMap<ProgressStream, ProgressDisplay>();

/**
 * Shows on `stderr` how far a flow is until it has ended: bars in a terminal, otherwise lines now and then. Nothing is left of it
 * afterwards, no timer of it keeps the process alive, and it never throws.
 */
export function showProgress(view: FlowView, outputs: ProgressOutputs = process): void {
  const { stderr } = outputs;
  let display = displays.get(stderr);
  if (display === undefined || display.isIdle) {
    display = canDraw(outputs) ? new BarDisplay(outputs) : new LineDisplay(outputs);
    displays.set(stderr, display);
  }
  display.show(view);
}

function canDraw({ stderr, env }: ProgressOutputs): boolean {
  const ci = env['CI'];
  return stderr.isTTY === true && env['TERM'] !== 'dumb' && (ci === undefined || ci === '' || ci === 'false');
}
