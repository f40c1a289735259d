import type { Observable } from 'rxjs';
import { OptionReader } from '../../core/options.ts';
import { FLOW_OPTIONS, type FlowOptions } from '../FlowOptions.ts';
import type { Run } from '../flowRun.ts';
import { readStart, startFlow } from '../startFlow.ts';

/** The options of `run`. */
export interface RunOptions extends FlowOptions {}

/**
 * Subscribes a flow and owns its life: `run` as it is where there is no Node.js, and so without its options `progress`, `inspect` and
 * `context`.
 */
export function run(flow: Observable<unknown>, options: RunOptions = {}): Run {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  const read = new OptionReader<FlowOptions>('run', options, FLOW_OPTIONS);
  return startFlow(readStart(flow, read, navigator?.hardwareConcurrency ?? 1));
}
