import type { FlowNode } from '../core/flow.ts';
import type { Gate } from '../core/gate.ts';
import { addUp, Histogram, quantile, type Telemetry } from '../core/telemetry.ts';
import type { StageReport } from './report.ts';

/**
 * Keeps the counters of every stage and source of one flow, those that have ended too. What one call of an operator leads
 * to (a stage subscribed again by `retry`, one in each inner of `mergeMap`) is summed up in one entry.
 */
export class Ledger {
  readonly live = new Set<FlowNode>();
  readonly #entries = new Map<object, Entry>();
  readonly #byGate = new Map<Gate, Entry>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  join(node: FlowNode): void {
    this.live.add(node);
    const entry = this.#entryFor(node);
    entry.joined.set(node, this.#now());
    entry.latest = node;
    if (node.gate !== undefined) this.#byGate.set(node.gate, entry);
  }

  leave(node: FlowNode): void {
    this.live.delete(node);
    const entry = this.#entryFor(node);
    entry.close(node, this.#now());
    // The gate of the last one stays: what lies above it is placed by it in the final report.
    if (node.gate !== undefined && this.#byGate.size > MAX_ENTRIES) this.#byGate.delete(node.gate);
  }

  /** Everything up to `now`, sources first, each before what lies below it; a name that comes again is numbered. */
  stages(now: number): StageReport[] {
    const depths = new Map<Entry, number>();
    const seen = new Map<string, number>();
    return [...this.#entries.values()]
      .map((entry) => ({ entry, depth: this.#depth(entry, depths) }))
      .toSorted((a, b) => b.depth - a.depth)
      .map(({ entry }) => {
        const count = (seen.get(entry.name) ?? 0) + 1;
        seen.set(entry.name, count);
        return entry.report(now, count === 1 ? entry.name : `${entry.name} ${count}`);
      });
  }

  #entryFor(node: FlowNode): Entry {
    // An operator made anew for each item has a definition for each: beyond a bound only its name tells it apart.
    const key = this.#entries.size < MAX_ENTRIES ? node.definition : (this.#byName(node) ?? node.definition);
    let entry = this.#entries.get(node.definition) ?? this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, (entry = new Entry(node, this.#now())));
    return entry;
  }

  #byName(node: FlowNode): object | undefined {
    for (const [key, entry] of this.#entries) if (entry.kind === node.kind && entry.name === node.name) return key;
    return undefined;
  }

  /** How many stages lie between an entry and the end, at most; sources come before all of them. */
  #depth(entry: Entry, known: Map<Entry, number>): number {
    const before = known.get(entry);
    if (before !== undefined) return before;
    known.set(entry, 0); // should stages ever feed each other in a ring
    let depth = entry.kind === 'source' ? MAX_ENTRIES : 1;
    for (const gate of entry.latest.outlets) {
      const below = this.#byGate.get(gate);
      if (below !== undefined) depth = Math.max(depth, this.#depth(below, known) + 1);
    }
    known.set(entry, depth);
    return depth;
  }
}

const MAX_ENTRIES = 200;

const COUNTERS = ['in', 'out', 'completed', 'failed', 'dropped', 'merged', 'deadLettered', 'abandoned'] as const;
type Counters = Record<(typeof COUNTERS)[number], number>;

class Entry {
  readonly name: string;
  readonly kind: 'source' | 'stage';
  /** The node that joined last. */
  latest: FlowNode;
  /** When each live node joined. */
  readonly joined = new Map<FlowNode, number>();
  readonly #past: Counters = {
    in: 0,
    out: 0,
    completed: 0,
    failed: 0,
    dropped: 0,
    merged: 0,
    deadLettered: 0,
    abandoned: 0,
  };
  readonly #work = new Histogram();
  #peak = 0;
  #concurrency = 0;
  #note: string | undefined;
  #busy = 0;
  #heldBack = 0;
  #lived = 0;
  readonly #since: number;

  constructor(node: FlowNode, now: number) {
    this.#since = now;
    this.name = node.name;
    this.kind = node.kind;
    this.latest = node;
  }

  /** Adds up a node that has ended. */
  close(node: FlowNode, now: number): void {
    const { telemetry } = node;
    const { lived, busy, heldBack } = this.#times(node, now);
    this.joined.delete(node);
    for (const counter of COUNTERS) this.#past[counter] += telemetry[counter];
    addUp(this.#work, telemetry.work.durations);
    this.#peak = Math.max(this.#peak, telemetry.peak);
    this.#concurrency = telemetry.concurrency;
    this.#note = node.note ?? this.#note;
    this.#lived += lived;
    this.#busy += busy;
    this.#heldBack += heldBack;
  }

  report(now: number, name: string): StageReport {
    const counters = { ...this.#past };
    const work = new Histogram();
    addUp(work, this.#work);
    let held = 0;
    let peak = this.#peak;
    let concurrency = this.#concurrency;
    let lived = this.#lived;
    let busy = this.#busy;
    let heldBack = this.#heldBack;
    let note = this.#note;
    for (const node of this.joined.keys()) {
      const { telemetry } = node;
      for (const counter of COUNTERS) counters[counter] += telemetry[counter];
      addUp(work, telemetry.work.durations);
      held += node.held;
      peak = Math.max(peak, telemetry.peak);
      concurrency = telemetry.concurrency;
      note = node.note ?? note;
      const times = this.#times(node, now);
      lived += times.lived;
      busy += times.busy;
      heldBack += times.heldBack;
    }
    // A stage that ends before the flow does is idle from then on: its shares compare with those of the others.
    lived = Math.max(lived, now - this.#since);
    return {
      name,
      kind: this.kind,
      ...counters,
      held,
      peak,
      concurrency,
      busy,
      heldBack,
      idle: lived - busy - heldBack,
      p50: quantile(work, 0.5),
      p99: quantile(work, 0.99),
      ...(note === undefined ? {} : { note }),
    };
  }

  /** The three add up to the time the node has lived: it counts as held back only while it is not at work. */
  #times(node: FlowNode, now: number): { lived: number; busy: number; heldBack: number } {
    const { work, heldBack, concurrency }: Telemetry = node.telemetry;
    const lived = now - (this.joined.get(node) ?? now);
    const parallel = node.kind === 'source' ? 1 : concurrency;
    const busy = parallel === 0 ? 0 : Math.min(work.total / parallel, lived);
    return { lived, busy, heldBack: Math.min(heldBack.total, lived - busy) };
  }
}
