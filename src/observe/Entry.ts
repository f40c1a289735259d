import type { FlowNode } from '../core/flow.ts';
import { addUp, Histogram, quantile, type Telemetry } from '../core/telemetry.ts';
import { Levels } from './Levels.ts';
import type { StageReport } from './report.ts';

const COUNTERS = [
  'in',
  'out',
  'completed',
  'failed',
  'retried',
  'dropped',
  'merged',
  'deadLettered',
  'abandoned',
  'overrun',
] as const;
type Counters = Record<(typeof COUNTERS)[number], number>;

/** What an entry is called in the report, where its values go, and the pool of threads that it runs on. */
export interface Links {
  readonly name: string;
  readonly to: readonly string[];
  readonly pool: string | undefined;
}

/** What is summed up of everything that one call of an operator or a source leads to. */
export class Entry {
  readonly name: string;
  readonly kind: FlowNode['kind'];
  /** The node that joined last. */
  latest: FlowNode;
  /** Those that have joined and not left. */
  readonly joined = new Map<FlowNode, Membership>();
  /** What its values have gone to next. */
  readonly to = new Set<Entry>();
  readonly #past = Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Counters;
  readonly #droppedFor = new Map<string, number>();
  readonly #work = new Histogram();
  readonly #levels = new Levels();
  /** What has watched the work in live nodes, and what those saw that have ended. */
  readonly #watches = new Map<FlowNode, Readonly<Waiting>>();
  readonly #waiting = { looks: 0, seenWaiting: 0 };
  readonly #since: number;
  #peak = 0;
  #concurrency = 0;
  #note: string | undefined;
  #busy = 0;
  #running = 0;
  #heldBack = 0;
  #lived = 0;

  constructor(node: FlowNode, now: number) {
    this.#since = now;
    this.name = node.name;
    this.kind = node.kind;
    this.latest = node;
  }

  /** Adds up a node that has ended. */
  close(node: FlowNode, now: number): void {
    const { telemetry } = node;
    // What it has begun and not ended counts until now, and no longer.
    const { lived, busy, running, heldBack } = this.#times(node, now);
    this.joined.delete(node);
    for (const counter of COUNTERS) this.#past[counter] += telemetry[counter];
    addReasons(this.#droppedFor, telemetry);
    if (telemetry.work !== undefined) addUp(this.#work, telemetry.work.durations);
    addWaiting(this.#waiting, this.#watches.get(node));
    this.#watches.delete(node);
    this.#peak = Math.max(this.#peak, telemetry.peak);
    this.#concurrency = telemetry.concurrency;
    this.#note = node.note ?? this.#note;
    this.#lived += lived;
    this.#busy += busy;
    this.#running += running;
    this.#heldBack += heldBack;
  }

  /** Something watches the work in a node. */
  watched(node: FlowNode, watch: Readonly<Waiting>): void {
    this.#watches.set(node, watch);
  }

  /** A node begins. */
  join(node: FlowNode, now: number): void {
    const { kind, telemetry } = node;
    const parallel = kind === 'source' ? 1 : telemetry.concurrency;
    this.joined.set(node, { since: now, busy: 0, counted: 0, parallel, atThreads: 0, timed: 0 });
    this.latest = node;
  }

  /** A node has another concurrency. With several at once there is no telling which did what. */
  resized(node: FlowNode, now: number): void {
    const own = this.joined.get(node)!;
    const worked = workTime(node, own, now);
    own.busy = busyTime(node, own, worked);
    own.counted = worked;
    // While nothing may begin, what ends began before.
    own.parallel = node.telemetry.concurrency || own.parallel;
    const { completed, failed, deadLettered } = this.#counters();
    if (this.joined.size === 1)
      this.#levels.note(this.latest.telemetry.concurrency, completed + failed + deadLettered, now);
  }

  /** How long the work on items took. */
  durations(): Histogram {
    const work = new Histogram();
    addUp(work, this.#work);
    for (const { telemetry } of this.joined.keys())
      if (telemetry.work !== undefined) addUp(work, telemetry.work.durations);
    return work;
  }

  report(now: number, { name, to, pool }: Links): StageReport {
    const counters = this.#counters();
    const waiting = { ...this.#waiting };
    for (const watch of this.#watches.values()) addWaiting(waiting, watch);
    const droppedFor = new Map(this.#droppedFor);
    let held = 0;
    let peak = this.#peak;
    let concurrency = this.#concurrency;
    let lived = this.#lived;
    let busy = this.#busy;
    let running = this.#running;
    let heldBack = this.#heldBack;
    let note = this.#note;
    for (const node of this.joined.keys()) {
      const { telemetry } = node;
      addReasons(droppedFor, telemetry);
      held += node.held;
      peak = Math.max(peak, telemetry.peak);
      concurrency = telemetry.concurrency;
      note = node.note ?? note;
      const times = this.#times(node, now);
      lived += times.lived;
      busy += times.busy;
      running += times.running;
      heldBack += times.heldBack;
    }
    const ended = counters.completed + counters.failed + counters.deadLettered;
    const levels = this.#levels.list(ended, now);
    const concurrencies = [concurrency, ...(levels ?? []).map((level) => level.concurrency)];
    // A stage that ends before the flow does is idle from then on: its shares compare with those of the others.
    const since = now - this.#since;
    lived = Math.max(lived, since);
    const work = this.durations();
    const { total } = this.latest;
    return {
      name,
      kind: this.kind,
      to,
      ...counters,
      droppedFor: Object.fromEntries(droppedFor),
      held,
      unaccounted: this.kind === 'source' ? 0 : unaccounted(counters, held),
      peak,
      concurrency,
      // Times of quick work are estimates.
      used: since > 0 ? Math.min(running / since, Math.max(...concurrencies)) : 0,
      ...(levels === undefined ? {} : { levels }),
      rate: since > 0 ? (counters.out * 1000) / since : 0,
      busy,
      heldBack,
      // A stretch has no time of its own.
      idle: this.kind === 'stretch' ? 0 : lived - busy - heldBack,
      p50: quantile(work, 0.5),
      p90: quantile(work, 0.9),
      p99: quantile(work, 0.99),
      // Little's law: how many wait on average, by how many begin a millisecond.
      waited: waiting.looks > 0 && ended > 0 ? ((waiting.seenWaiting / waiting.looks) * since) / ended : undefined,
      ...(total === undefined ? {} : { total }),
      ...(pool === undefined ? {} : { pool }),
      ...(note === undefined ? {} : { note }),
    };
  }

  #counters(): Counters {
    const counters = { ...this.#past };
    for (const { telemetry } of this.joined.keys()) {
      for (const counter of COUNTERS) counters[counter] += telemetry[counter];
    }
    return counters;
  }

  /** The three add up to the time the node has lived: it counts as held back only while it is not at work. */
  #times(node: FlowNode, now: number): { lived: number; busy: number; running: number; heldBack: number } {
    const own = this.joined.get(node)!;
    const { heldBack } = node.telemetry;
    const lived = now - own.since;
    const running = workTime(node, own, now);
    const busy = Math.min(busyTime(node, own, running), lived);
    return { lived, busy, running, heldBack: Math.min(heldBack?.totalAt(now) ?? 0, lived - busy) };
  }
}

/** What is noted of a node from when it joined. */
interface Membership {
  readonly since: number;
  /** For how long it was at work before its concurrency changed last, */
  busy: number;
  /** how much of its work that includes, */
  counted: number;
  /** and how many items may run at once since then. */
  parallel: number;
  /** For how long threads had been at its items when it was looked at last, and how much work had been timed by then. */
  atThreads: number;
  timed: number;
}

function busyTime({ telemetry }: FlowNode, { busy, counted, parallel }: Membership, worked: number): number {
  // Some stages say how many only once they have joined.
  const atOnce = parallel || telemetry.concurrency;
  return atOnce === 0 ? 0 : busy + Math.max(worked - counted, 0) / atOnce;
}

/** Milliseconds of work, summed over everything that ran at once, with what is under way. */
function workTime(node: FlowNode, own: Membership, now: number): number {
  const { held, telemetry } = node;
  const timed = telemetry.work?.totalAt(now) ?? 0;
  // What it has given up counts as it was seen last.
  if (held > 0) own.atThreads = timeAtThreads(node);
  else if (telemetry.abandoned === 0 || timed !== own.timed) own.atThreads = 0;
  own.timed = timed;
  return timed + own.atThreads;
}

/** For how long threads have been seen at items of a node that they have not reported yet. */
function timeAtThreads(node: FlowNode): number {
  const { pool } = node;
  return pool?.kind === 'threads' ? pool.timeAt(node) : 0;
}

/** What is missing in `in = completed + failed + dropped + merged + deadLettered + abandoned + held`. */
function unaccounted(counters: Counters, held: number): number {
  const { completed, failed, dropped, merged, deadLettered, abandoned } = counters;
  return counters.in - (completed + failed + dropped + merged + deadLettered + abandoned + held);
}

/** How often it was looked how many items wait for their work to begin, and how many there were in all. */
interface Waiting {
  looks: number;
  seenWaiting: number;
}

function addWaiting(sum: Waiting, seen: Readonly<Waiting> | undefined): void {
  sum.looks += seen?.looks ?? 0;
  sum.seenWaiting += seen?.seenWaiting ?? 0;
}

function addReasons(sum: Map<string, number>, { droppedFor }: Telemetry): void {
  for (const [reason, count] of droppedFor ?? []) sum.set(reason, (sum.get(reason) ?? 0) + count);
}
