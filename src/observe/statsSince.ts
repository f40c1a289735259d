import type { FlowStats, StageReport, ThreadReport } from './report.ts';

/**
 * What a flow did between two looks. Counts, times and rates are what has been added; what is held, levels, quantiles, failures and the like
 * are as they were last.
 */
export function statsSince(before: FlowStats, now: FlowStats): FlowStats {
  const stages = new Map(before.stages.map((stage) => [stage.name, stage]));
  const threads = new Map(before.threads.map((thread) => [keyOf(thread), thread]));
  const elapsed = now.elapsed - before.elapsed;
  return {
    ...now,
    elapsed,
    results: now.results - before.results,
    lateErrors: now.lateErrors - before.lateErrors,
    stages: now.stages.map((stage) => stageSince(stages.get(stage.name), stage, elapsed)),
    threads: now.threads.map((thread) => threadSince(threads.get(keyOf(thread)), thread)),
  };
}

function stageSince(before: StageReport | undefined, now: StageReport, elapsed: number): StageReport {
  if (before === undefined) return now;
  const out = now.out - before.out;
  const busy = grown(now.busy, before.busy);
  const ended = endedIn(now) - endedIn(before);
  return {
    ...now,
    in: now.in - before.in,
    out,
    completed: now.completed - before.completed,
    failed: now.failed - before.failed,
    retried: now.retried - before.retried,
    dropped: now.dropped - before.dropped,
    droppedFor: droppedSince(before.droppedFor, now.droppedFor),
    merged: now.merged - before.merged,
    deadLettered: now.deadLettered - before.deadLettered,
    abandoned: now.abandoned - before.abandoned,
    overrun: now.overrun - before.overrun,
    used: now.concurrency < Infinity ? (busy / elapsed) * now.concurrency : now.used,
    rate: (out / elapsed) * 1000,
    busy,
    heldBack: grown(now.heldBack, before.heldBack),
    idle: grown(now.idle, before.idle),
    waited: now.waited === undefined || ended === 0 ? undefined : grown(waitedIn(now), waitedIn(before)) / ended,
  };
}

/** Times of quick work are estimates, and may be put right. */
function grown(now: number, before: number): number {
  return Math.max(now - before, 0);
}

type Dropped = StageReport['droppedFor'];

function droppedSince(before: Dropped, now: Dropped): Dropped {
  const dropped = Object.entries(now).map(([reason, count]) => [reason, count - (before[reason] ?? 0)] as const);
  return Object.fromEntries(dropped.filter(([, count]) => count > 0));
}

/** Milliseconds that all items together have waited. */
function waitedIn(stage: StageReport): number {
  return (stage.waited ?? 0) * endedIn(stage);
}

function endedIn({ completed, failed, deadLettered }: StageReport): number {
  return completed + failed + deadLettered;
}

function threadSince(before: ThreadReport | undefined, now: ThreadReport): ThreadReport {
  if (before === undefined) return now;
  return {
    ...now,
    time: now.time - before.time,
    busy: grown(now.busy, before.busy),
    items: now.items - before.items,
    restarts: now.restarts - before.restarts,
  };
}

function keyOf({ pool, thread }: ThreadReport): string {
  return `${pool} ${thread}`;
}
