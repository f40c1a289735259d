import type { StageReport, ThreadReport } from '../report.ts';
import { SeriesWriter, type Labels } from './SeriesWriter.ts';
import type { ShownFlow } from './ShownFlow.ts';

/** The counters of all flows in the text format of Prometheus. */
export function prometheus(flows: readonly ShownFlow[]): string {
  const writer = new SeriesWriter();
  const ofFlows = (pick: (flow: ShownFlow) => number) =>
    flows.map((flow) => [{ flow: flow.label }, pick(flow)] as const);
  writer.gauge(
    'sluice_flow_running',
    'Whether the flow has not ended yet.',
    ofFlows(({ hasEnded }) => (hasEnded ? 0 : 1)),
  );
  writer.counter(
    'sluice_flow_results_total',
    'Values that came out at the end of the flow.',
    ofFlows(({ stats }) => stats.results),
  );
  writer.counter(
    'sluice_flow_late_errors_total',
    'Errors that came after their stage had ended.',
    ofFlows(({ stats }) => stats.lateErrors),
  );
  const stages = flows.flatMap((flow) =>
    flow.stats.stages.map((stage, place) => ({ flow, stage, place, labels: { flow: flow.label, stage: stage.name } })),
  );
  for (const { type, name, help, pick } of STAGE_METRICS) {
    writer[type](
      `sluice_stage_${name}`,
      help,
      stages.map(({ flow, labels, stage }) => {
        const value = pick(stage);
        return [labels, type === 'counter' ? flow.grown(`${name} ${stage.name}`, value) : value] as const;
      }),
    );
  }
  writer.counter(
    'sluice_stage_dropped_total',
    'Items that an overflow policy or an operator gave up, by reason.',
    stages.flatMap(({ labels, stage }) => dropped(labels, stage)),
  );
  writer.histogram(
    'sluice_stage_duration_seconds',
    'How long the work on one item took, of those that were timed. The sum is estimated from the buckets, within 10 %.',
    BOUNDS,
    stages.flatMap(({ flow, place, labels }) => {
      const buckets = flow.durations(place);
      return buckets === undefined || buckets.length === 0 ? [] : [[labels, durations(buckets)] as const];
    }),
  );
  for (const { type, name, help, pick } of THREAD_METRICS) {
    writer[type](
      `sluice_thread_${name}`,
      help,
      flows.flatMap((flow) =>
        flow.stats.threads.map(
          (thread) => [{ flow: flow.label, pool: thread.pool, thread: String(thread.thread) }, pick(thread)] as const,
        ),
      ),
    );
  }
  writer.gauge(
    'sluice_gauge',
    'Figures of circuit breakers and limits that the flow uses.',
    flows.flatMap((flow) =>
      flow.stats.gauges.flatMap(({ kind, name, figures }) =>
        Object.entries(figures).map(([figure, value]) => [{ flow: flow.label, kind, name, figure }, value] as const),
      ),
    ),
  );
  return writer.toString();
}

interface Metric<O> {
  readonly type: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly pick: (of: O) => number;
}

const counter = <O>(name: string, help: string, pick: (of: O) => number): Metric<O> => ({
  type: 'counter',
  name,
  help,
  pick,
});
const gauge = <O>(name: string, help: string, pick: (of: O) => number): Metric<O> => ({
  type: 'gauge',
  name,
  help,
  pick,
});

const STAGE_METRICS: readonly Metric<StageReport>[] = [
  counter('in_total', 'Items that arrived.', (stage) => stage.in),
  counter('out_total', 'Values that left.', ({ out }) => out),
  counter('completed_total', 'Items whose work ended well.', ({ completed }) => completed),
  counter('failed_total', 'Items whose work failed.', ({ failed }) => failed),
  counter('retried_total', 'Further tries of items.', ({ retried }) => retried),
  counter('merged_total', 'Items that became part of another.', ({ merged }) => merged),
  counter('dead_lettered_total', 'Items handed to the dead letter.', ({ deadLettered }) => deadLettered),
  counter('abandoned_total', 'Items given up when the flow ended early.', ({ abandoned }) => abandoned),
  counter('overrun_total', 'Items that came while the stage held all it may.', ({ overrun }) => overrun),
  gauge('held', 'Items in the stage.', ({ held }) => held),
  gauge('held_peak', 'The most items there ever were in the stage.', ({ peak }) => peak),
  gauge('concurrency', 'How many items may run at once.', ({ concurrency }) => concurrency),
  counter('busy_seconds_total', 'Time at work, as a share of the concurrency.', ({ busy }) => busy / 1000),
  counter('held_back_seconds_total', 'Time held back by what is below.', ({ heldBack }) => heldBack / 1000),
  counter('idle_seconds_total', 'Time waiting for input.', ({ idle }) => idle / 1000),
];

const THREAD_METRICS: readonly Metric<ThreadReport>[] = [
  counter('busy_seconds_total', 'Time at work.', ({ busy }) => busy / 1000),
  counter('items_total', 'Items done.', ({ items }) => items),
  counter('restarts_total', 'Threads that took the place of another.', ({ restarts }) => restarts),
  gauge('heap_bytes', 'Bytes held in the heap.', ({ heap = 0 }) => heap),
  gauge('external_bytes', 'Bytes held outside the heap.', ({ external }) => external),
];

/** What was dropped for each reason; and the rest, should the reasons not account for all. */
function dropped(labels: Labels, stage: StageReport): (readonly [Labels, number])[] {
  const reasons = Object.entries(stage.droppedFor);
  const rest = stage.dropped - reasons.reduce((sum, [, count]) => sum + count, 0);
  const all = rest > 0 || reasons.length === 0 ? [...reasons, ['', rest] as const] : reasons;
  return all.map(([reason, count]) => [{ ...labels, reason }, count] as const);
}

/** Two octaves of the histogram, in which four buckets make an octave from 1 µs on, become one bucket. */
const MERGED = 8;
const BOUNDS = Array.from({ length: 18 }, (_, i) => Number((2 ** ((i * MERGED) / 4) / 1e6).toPrecision(6)));

function durations(buckets: Readonly<Uint32Array>): { counts: number[]; sum: number } {
  const counts = Array.from({ length: BOUNDS.length + 1 }, () => 0);
  let sum = 0;
  for (const [i, count] of buckets.entries()) {
    counts[Math.min(Math.ceil(i / MERGED), BOUNDS.length)]! += count;
    // In the middle of the bucket, which on this scale is half a step below its bound.
    sum += count * 2 ** ((i - 0.5) / 4);
  }
  return { counts, sum: Number((sum / 1e6).toPrecision(6)) };
}
