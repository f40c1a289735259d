import type { FlowView } from '../FlowView.ts';
import type { FlowStats } from '../report.ts';
import { isSameGraph } from './isSameGraph.ts';
import type { Graph } from './protocol.ts';
import { toGraph } from './toGraph.ts';
import { toTick } from './toTick.ts';

/** One flow as the inspector shows it: what it was like when it was last looked at. */
export class ShownFlow {
  /** Its own among all that the server has shown. */
  readonly id: number;
  /** Its name, numbered if another flow that is shown has the same. */
  readonly label: string;
  /** Set when it is known to have ended. */
  hasEnded = false;
  readonly #view: FlowView;
  readonly #started: number;
  #stats: FlowStats;
  #graph: Graph;
  #json: string | undefined;
  /** What those were told who take a counter that falls for one that begins again. */
  readonly #told = new Map<string, number>();

  constructor(id: number, label: string, view: FlowView) {
    this.id = id;
    this.label = label;
    this.#view = view;
    this.#stats = view.report ?? view.stats();
    this.#started = Math.round(performance.timeOrigin + performance.now() - this.#stats.elapsed);
    this.#graph = toGraph(id, this.#started, this.#stats);
  }

  get stats(): FlowStats {
    return this.#stats;
  }

  /** Another object after each change. */
  get graph(): Graph {
    return this.#graph;
  }

  /** What the page is told several times a second, as JSON: written once for each look, and not again after the end. */
  get tick(): string {
    return (this.#json ??= JSON.stringify(toTick(this.id, this.#view, this.#stats)));
  }

  look(): void {
    const { report } = this.#view;
    if (report !== undefined && report === this.#stats) return;
    const stats = report ?? this.#view.stats();
    if (!isSameGraph(this.#stats.stages, stats.stages)) this.#graph = toGraph(this.id, this.#started, stats);
    this.#stats = stats;
    this.#json = undefined;
  }

  /** The value of a counter, never less than it was given out before: times of quick work are estimates. */
  grown(counter: string, value: number): number {
    const told = Math.max(value, this.#told.get(counter) ?? 0);
    this.#told.set(counter, told);
    return told;
  }

  /** How many items' work took how long in the stage at a place; `undefined` if there is none. */
  durations(place: number): Readonly<Uint32Array> | undefined {
    const stage = this.#graph.stages[place];
    return stage === undefined ? undefined : (this.#view.durations(stage.name) ?? new Uint32Array());
  }
}
