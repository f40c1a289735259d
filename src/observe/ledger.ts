import type { FlowNode } from '../core/flow.ts';
import type { Gate } from '../core/gate.ts';
import { beginTiming, type Histogram } from '../core/telemetry.ts';
import { Entry } from './Entry.ts';
import { Names } from './Names.ts';
import type { StageReport } from './report.ts';

/**
 * Keeps the counters of every stage and source of one flow, those that have ended too. What one call of an operator leads
 * to (a stage subscribed again by `retry`, one in each inner of `mergeMap`) is summed up in one entry.
 */
export class Ledger {
  readonly live = new Set<FlowNode>();
  readonly #entries = new Map<object, Entry>();
  /** Those of nodes that have joined and not left. */
  readonly #byNode = new Map<FlowNode, Entry>();
  /** The first of each kind and name. */
  readonly #byName = new Map<string, Entry>();
  readonly #byGate = new Map<Gate, Entry>();
  /** What entries are called in the report. A name once given stays, since others remember by it. */
  readonly #called = new Map<Entry, string>();
  readonly #names = new Names();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  join(node: FlowNode): void {
    this.live.add(node);
    beginTiming(node.telemetry);
    const entry = this.#entryFor(node);
    this.#byNode.set(node, entry);
    entry.join(node, this.#now());
    if (node.gate !== undefined) this.#byGate.set(node.gate, entry);
  }

  /** Something watches the work in a stage. */
  watched(node: FlowNode, watch: { readonly looks: number; readonly seenWaiting: number }): void {
    this.#byNode.get(node)?.watched(node, watch);
  }

  /** A stage has another concurrency. */
  resized(node: FlowNode): void {
    this.#byNode.get(node)?.resized(node, this.#now());
  }

  leave(node: FlowNode): void {
    this.live.delete(node);
    const entry = this.#byNode.get(node);
    if (entry === undefined) return;
    this.#byNode.delete(node);
    this.#link(entry, node);
    entry.close(node, this.#now());
    // The gate of the last one stays: what lies above it is placed by it in the final report.
    if (node.gate !== undefined && this.#byGate.size > MAX_ENTRIES) this.#byGate.delete(node.gate);
  }

  /**
   * Everything up to `now`, sources first, each before what lies below it. A name that comes again is numbered, from above down among
   * those that are new since the last look. `poolOf` says how the pool of threads is called that a stage runs on.
   */
  stages(now: number, poolOf: (node: FlowNode) => string | undefined = () => undefined): StageReport[] {
    const named = this.#named();
    return [...named].map(([entry, name]) => {
      const to = [...entry.to].flatMap((below) => named.get(below) ?? []);
      return entry.report(now, { name, to, pool: poolOf(entry.latest) });
    });
  }

  /** How long the work on items took in the stage of this name, as the report has it. */
  durations(stage: string): Histogram | undefined {
    for (const [entry, name] of this.#called) if (name === stage) return entry.durations();
    return undefined;
  }

  /** What a stage or source is called in the report. */
  nameOf(node: FlowNode): string {
    const entry = this.#byNode.get(node) ?? this.#entries.get(node.definition) ?? this.#byName.get(kindAndName(node));
    if (entry === undefined) return node.name;
    return this.#called.get(entry) ?? this.#named().get(entry)!;
  }

  /** All entries in order, with their names. */
  #named(): Map<Entry, string> {
    const entries = [...this.#entries.values()];
    for (const entry of entries) {
      // One that has left may still say where it leads.
      this.#link(entry, entry.latest);
      for (const node of entry.joined.keys()) this.#link(entry, node);
    }
    const depths = new Map<Entry, number>();
    const ordered = entries
      .map((entry) => ({ entry, depth: depthOf(entry, depths) }))
      .toSorted((a, b) => b.depth - a.depth);
    return new Map(ordered.map(({ entry }) => [entry, this.#call(entry)]));
  }

  #call(entry: Entry): string {
    const name = this.#called.get(entry) ?? this.#names.next(entry.name);
    this.#called.set(entry, name);
    return name;
  }

  /** Notes where the values of one node of an entry go now. */
  #link(entry: Entry, { outlets }: FlowNode): void {
    for (const gate of outlets) {
      const below = this.#byGate.get(gate);
      if (below !== undefined && below !== entry) entry.to.add(below);
    }
  }

  #entryFor(node: FlowNode): Entry {
    const known = this.#entries.get(node.definition);
    if (known !== undefined) return known;
    // An operator made anew for each item has a definition for each: beyond a bound only its name tells it apart.
    const name = kindAndName(node);
    const same = this.#entries.size < MAX_ENTRIES ? undefined : this.#byName.get(name);
    if (same !== undefined) return same;
    const entry = new Entry(node, this.#now());
    this.#entries.set(node.definition, entry);
    if (!this.#byName.has(name)) this.#byName.set(name, entry);
    return entry;
  }
}

function kindAndName({ kind, name }: FlowNode): string {
  return `${kind} ${name}`;
}

/** How many stages lie between an entry and the end, at most; sources come before all of them. */
function depthOf(entry: Entry, known: Map<Entry, number>): number {
  const before = known.get(entry);
  if (before !== undefined) return before;
  known.set(entry, 0); // should stages ever feed each other in a ring
  let depth = entry.kind === 'source' ? MAX_ENTRIES : 1;
  for (const below of entry.to) depth = Math.max(depth, depthOf(below, known) + 1);
  known.set(entry, depth);
  return depth;
}

const MAX_ENTRIES = 1_000;
