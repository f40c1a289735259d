import type { FlowView } from '../FlowView.ts';
import type { FlowStats, GaugeReport, StageReport, ThreadReport } from '../report.ts';
import type { Instruments } from './Instruments.ts';

/** Hands the counters of one flow to the instruments: the numbers that it has anyway, so that an item costs nothing more. */
export function measure(flow: FlowView, stats: FlowStats, to: Instruments): void {
  const names = { [FLOW]: stats.name };
  to.results.add(stats.results, names);
  if (stats.lateErrors > 0) to.lateErrors.add(stats.lateErrors, names);
  for (const stage of stats.stages) {
    measureStage(stage, stats.name, to);
    const durations = flow.durations(stage.name);
    if (durations !== undefined) to.durations.add(durations, { [FLOW]: stats.name, [STAGE]: stage.name });
  }
  for (const thread of stats.threads) measureThread(thread, stats.name, to);
  for (const gauge of stats.gauges) measureGauge(gauge, stats.name, to);
}

/** The attributes that name what is measured. */
export const FLOW = 'sluice.flow.name';
const STAGE = 'sluice.stage.name';

function measureStage(stage: StageReport, flow: string, to: Instruments): void {
  const names = { [FLOW]: flow, [STAGE]: stage.name };
  to.emitted.add(stage.out, names);
  // Nothing arrives at a source, and nothing waits or works in a stretch.
  if (stage.kind !== 'source') to.received.add(stage.in, names);
  if (stage.kind === 'stretch') return;
  to.held.add(stage.held, names);
  if (stage.concurrency > 0) to.concurrency.add(stage.concurrency, names);
  if (stage.retried > 0) to.retries.add(stage.retried, names);
  if (stage.overrun > 0) to.overruns.add(stage.overrun, names);
  for (const [outcome, count] of Object.entries(outcomesOf(stage))) {
    if (count > 0) to.processed.add(count, names, { 'sluice.item.outcome': outcome });
  }
  measureDropped(stage, names, to);
  for (const [state, ms] of Object.entries({ busy: stage.busy, held_back: stage.heldBack, idle: stage.idle })) {
    to.time.add(Math.max(ms, 0) / 1000, names, { 'sluice.stage.state': state });
  }
}

function outcomesOf({ completed, failed, merged, deadLettered, abandoned }: StageReport) {
  return { completed, failed, merged, dead_lettered: deadLettered, abandoned };
}

/** By their reasons, which together are all that were dropped where a stage gives one for each. */
function measureDropped(stage: StageReport, names: Record<string, string>, to: Instruments): void {
  const words = { 'sluice.item.outcome': 'dropped' };
  let rest = stage.dropped;
  for (const [reason, count] of Object.entries(stage.droppedFor)) {
    rest -= count;
    to.processed.add(count, { ...names, 'sluice.drop.reason': reason }, words);
  }
  if (rest > 0) to.processed.add(rest, names, words);
}

function measureThread(report: ThreadReport, flow: string, to: Instruments): void {
  const { pool, thread, busy, time, items, restarts, external, heap } = report;
  const names = { [FLOW]: flow, 'sluice.pool.name': pool, 'sluice.thread.index': String(thread) };
  to.threadTime.add(busy / 1000, names, { 'sluice.thread.state': 'busy' });
  to.threadTime.add(Math.max(time - busy, 0) / 1000, names, { 'sluice.thread.state': 'idle' });
  to.threadItems.add(items, names);
  to.threadRestarts.add(restarts, names);
  to.threadMemory.add(external, names);
  if (heap !== undefined) to.threadHeap.add(heap, names);
}

function measureGauge({ kind, name, state, figures }: GaugeReport, flow: string, to: Instruments): void {
  const names = { [FLOW]: flow, 'sluice.gauge.name': name };
  const words = { 'sluice.gauge.kind': kind };
  for (const [figure, value] of Object.entries(figures)) {
    if (Number.isFinite(value)) to.gaugeValue.add(value, { ...names, 'sluice.gauge.figure': figure }, words);
  }
  if (state !== undefined) to.gaugeState.add(1, { ...names, 'sluice.gauge.state': state }, words);
}
