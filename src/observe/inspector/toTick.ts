import { reasonOf } from '../../core/errors.ts';
import type { FlowView } from '../FlowView.ts';
import { safeText } from '../preview.ts';
import type { FailureReport, FlowStats, GaugeReport, StageReport, ThreadReport } from '../report.ts';
import { STAGE_FIELDS, type FlowTick } from './protocol.ts';

/**
 * What the page is told of a flow several times a second. Member by member: whatever else a view or a report comes to carry does
 * not get to the page by itself. Texts and lists that a flow can make as long as it likes are cut.
 */
export function toTick(
  flow: number,
  view: Pick<FlowView, 'quitting' | 'report' | 'diagnose'>,
  stats: FlowStats,
): FlowTick {
  const { report } = view;
  const { stages } = stats;
  const { bottleneck, noBottleneck, advice } = report ?? view.diagnose(stats);
  const place = bottleneck === undefined ? -1 : stages.findIndex(({ name }) => name === bottleneck.name);
  return {
    flow,
    state: report?.ended ?? (view.quitting ? 'quitting' : 'running'),
    elapsed: figure(stats.elapsed),
    results: stats.results,
    lateErrors: stats.lateErrors,
    ...(report === undefined ? {} : { abandoned: report.abandoned }),
    ...(report?.reason === undefined ? {} : { reason: safeText(reasonOf(report.reason), MAX_TEXT) }),
    ...(bottleneck === undefined || place < 0
      ? {}
      : { bottleneck: { stage: place, why: cut(bottleneck.why, MAX_TEXT) } }),
    ...(noBottleneck === undefined ? {} : { noBottleneck: cut(noBottleneck, MAX_TEXT) }),
    advice: advice.slice(0, MAX_LIST).map((text) => cut(text, MAX_TEXT)),
    stages: stages.map(toFigures),
    notes: byPlace(stages, ({ note }) => (note === undefined ? undefined : cut(note, MAX_TEXT))),
    droppedFor: byPlace(stages, ({ droppedFor }) => figures(droppedFor)),
    threads: stats.threads.slice(0, MAX_THREADS).map(toThread),
    gauges: stats.gauges.slice(0, MAX_THREADS).map(toGauge),
    failures: stats.failures.slice(-MAX_LIST).map(toFailure),
  };
}

/** A stage's numbers in the order of {@link STAGE_FIELDS}. */
function toFigures(stage: StageReport): number[] {
  return STAGE_FIELDS.map((field) => figure(stage[field]));
}

/** A number that JSON can write, to a thousandth: -1 for one that is not known, or that has no end. */
function figure(value: number | undefined): number {
  if (Number.isInteger(value)) return value!;
  return Number.isFinite(value) ? Math.round(value! * 1000) / 1000 : -1;
}

function figures(values: Readonly<Record<string, number>>): Record<string, number> | undefined {
  const entries = Object.entries(values).slice(0, MAX_LIST);
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.map(([key, value]) => [cut(key, MAX_NAME), figure(value)]));
}

/** What some stages have, by their places. */
function byPlace<V>(stages: readonly StageReport[], pick: (stage: StageReport) => V | undefined): Record<number, V> {
  const found: Record<number, V> = {};
  for (const [place, stage] of stages.entries()) {
    const value = pick(stage);
    if (value !== undefined) found[place] = value;
  }
  return found;
}

function toThread(thread: ThreadReport): ThreadReport {
  const { pool, thread: place, state, stage, item, since, busy, time, items, restarts, external, heap } = thread;
  return {
    pool,
    thread: place,
    state,
    ...(stage === undefined ? {} : { stage }),
    ...(item === undefined ? {} : { item }),
    ...(since === undefined ? {} : { since: figure(since) }),
    busy: figure(busy),
    time: figure(time),
    items,
    restarts,
    external,
    ...(heap === undefined ? {} : { heap }),
  };
}

function toGauge({ kind, name, state, figures: values }: GaugeReport): GaugeReport {
  return { kind, name, ...(state === undefined ? {} : { state }), figures: figures(values) ?? {} };
}

function toFailure({ at, stage, error, index, item, attempt }: FailureReport): FailureReport {
  return {
    at: figure(at),
    stage,
    error: cut(error, MAX_TEXT),
    ...(index === undefined ? {} : { index }),
    ...(item === undefined ? {} : { item: cut(item, MAX_NAME) }),
    ...(attempt === undefined ? {} : { attempt }),
  };
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}

const MAX_TEXT = 1000;
const MAX_NAME = 200;
const MAX_LIST = 20;
const MAX_THREADS = 256;
