import { figures } from './advice/figures.ts';
import type { Diagnosis, GaugeReport, StageReport } from './report.ts';
import { shareOf } from './shareOf.ts';
import { StageGraph } from './StageGraph.ts';

/** What is known of a flow besides its stages. */
interface Known {
  readonly gauges?: readonly GaugeReport[];
  /** The share of the time in which the main thread was at work. */
  readonly loop?: number | undefined;
}

/**
 * Finds the stage or source that the others waited for: the first, from the sources on, that was at work most of the time
 * and hardly held back, below one that was held back. (The reasoning is that of Apache Flink's busy, idle and
 * back-pressured time.) Of several branches it is in the one that was at work most.
 *
 * If that is none: what others waited for although it was not at work itself, such as a rate limit. `undefined` if nothing was
 * waited for, and nothing at work most of the time.
 */
export function bottleneckOf(stages: readonly StageReport[], known: Known = {}): Diagnosis['bottleneck'] {
  const graph = new StageGraph(stages);
  const limits = new Set(known.gauges?.filter(({ kind }) => kind === 'rate limit').map(({ name }) => name));
  const busy = stages.filter((stage) => shareOf(stage, 'busy') >= MOST && !isHeldBack(stage));
  return worked(busy, graph, limits) ?? waitedFor(stages, graph, limits, known.loop) ?? busiest(busy);
}

/** Below one that was held back. */
function worked(busy: readonly StageReport[], graph: StageGraph, limits: ReadonlySet<string>): Diagnosis['bottleneck'] {
  const found = busy.flatMap((stage) => {
    const above = graph.nearestAbove(
      stage,
      (each) => shareOf(each, 'heldBack') >= SOME,
      (each) => isLimitOf(each, limits),
    );
    return above === undefined ? [] : [{ stage, above }];
  });
  // Where one is held back a good part of the time itself, what holds it back is to blame, if that is busy too.
  const free = found.filter(({ stage }) => shareOf(stage, 'heldBack') < A_GOOD_PART);
  const blamed = free.length > 0 ? free : found;
  // What is below another of them gets no more than that lets through.
  const names = new Set(blamed.map(({ stage }) => stage.name));
  const firsts = blamed.filter(({ stage }) => graph.nearestAbove(stage, ({ name }) => names.has(name)) === undefined);
  // Stages that feed each other in a ring are below each other.
  const rivals = firsts.length > 0 ? firsts : blamed;
  const [most] = rivals.toSorted((a, b) => shareOf(b.stage, 'busy') - shareOf(a.stage, 'busy'));
  if (most === undefined) return undefined;
  const { stage, above } = most;
  return { name: stage.name, why: `${own(stage)}, while ${heldBack(above)}` };
}

/** A rate limit runs nothing: a stage that does may have its name. */
function isLimitOf({ name, concurrency }: StageReport, limits: ReadonlySet<string>): boolean {
  return concurrency === 0 && limits.has(name);
}

/** Not at work, and with something above it that was held back nevertheless, or that came in vain. */
function waitedFor(
  stages: readonly StageReport[],
  graph: StageGraph,
  limits: ReadonlySet<string>,
  loop: number | undefined,
): Diagnosis['bottleneck'] {
  const found = stages.flatMap((stage) => {
    const isOther = stage.kind !== 'stage' || isHeldBack(stage) || shareOf(stage, 'busy') >= MOST;
    if (isOther || graph.below(stage).some(isHeldBack)) return [];
    const above = graph.above(stage).find(isHeldBack);
    if (above === undefined && !isOverrun(stage)) return [];
    return [{ stage, above, isLimit: isLimitOf(stage, limits) }];
  });
  // A stage that works would have taken more while it had nothing to do.
  const first = found.find(({ isLimit }) => isLimit) ?? found.find(({ stage }) => stage.concurrency === 0) ?? found[0];
  if (first === undefined) return undefined;
  const { stage, above, isLimit } = first;
  const who = above === undefined ? 'more came than it may hold' : heldBack(above);
  const why = isLimit
    ? `its rate limit let ${figures.rate(stage.rate)} items a second through, while ${who}`
    : `${who}${above === undefined ? '' : ' and waited for it'}, though ${idly(stage)}${meanwhile(loop)}`;
  return { name: stage.name, why };
}

function isHeldBack(stage: StageReport): boolean {
  return shareOf(stage, 'heldBack') >= MOST;
}

/** Whether most of what came had to wait, and could not be held back. */
function isOverrun({ concurrency, overrun, in: items }: StageReport): boolean {
  return concurrency === 0 && overrun > items * MOST;
}

function busiest(busy: readonly StageReport[]): Diagnosis['bottleneck'] {
  const [stage] = busy.toSorted((a, b) => shareOf(b, 'busy') - shareOf(a, 'busy'));
  return stage === undefined ? undefined : { name: stage.name, why: own(stage) };
}

function own(stage: StageReport): string {
  return `it was at work ${percent(stage, 'busy')} of the time and held back ${percent(stage, 'heldBack')}`;
}

function heldBack(stage: StageReport): string {
  return `"${stage.name}" above it was held back ${percent(stage, 'heldBack')}`;
}

function idly(stage: StageReport): string {
  if (stage.concurrency === 0) return 'it does no work itself';
  return `it was at work only ${percent(stage, 'busy')} of the time`;
}

function meanwhile(loop: number | undefined): string {
  if (loop === undefined || loop < FULL) return '';
  return `: the main thread was at work ${figures.percent(loop)}, in operators between stages or elsewhere in the program`;
}

function percent(stage: StageReport, time: 'busy' | 'heldBack'): string {
  return figures.percent(shareOf(stage, time));
}

const MOST = 0.5;
const SOME = 0.1;
const A_GOOD_PART = 0.2;
/** Of the main thread's time. */
const FULL = 0.9;
