import type { FlowView } from '../FlowView.ts';
import { ShownFlow } from './ShownFlow.ts';

/** The flows that one server shows: those that run, and those that ended last. */
export class ShownFlows {
  #flows: readonly ShownFlow[] = [];
  #count = 0;
  #looked = -Infinity;

  get all(): readonly ShownFlow[] {
    return this.#flows;
  }

  get running(): number {
    return this.#flows.filter((flow) => !flow.hasEnded).length;
  }

  /** Adds a flow; `undefined` if there are too many that run. */
  add(view: FlowView): ShownFlow | undefined {
    if (this.running >= MAX_RUNNING) return undefined;
    const id = this.#count + 1;
    const isTaken = this.#flows.some(({ label }) => label === view.name);
    const flow = new ShownFlow(id, isTaken ? `${view.name} #${id}` : view.name, view);
    this.#count = id;
    const ended = this.#flows.filter(({ hasEnded }) => hasEnded);
    const outdated = new Set(ended.slice(0, Math.max(ended.length - MAX_ENDED, 0)));
    this.#flows = [...this.#flows.filter((other) => !outdated.has(other)), flow];
    return flow;
  }

  delete(flow: ShownFlow): void {
    this.#flows = this.#flows.filter((other) => other !== flow);
  }

  find(id: number): ShownFlow | undefined {
    return this.#flows.find((flow) => flow.id === id);
  }

  /** Looks at every flow, unless that was a moment ago: however many ask, it costs the flows no more. */
  look(): void {
    if (performance.now() - this.#looked >= FRESH) this.lookNow();
  }

  lookNow(): void {
    this.#looked = performance.now();
    for (const flow of this.#flows) flow.look();
  }
}

const MAX_RUNNING = 100;
const MAX_ENDED = 20;
/** Milliseconds. */
const FRESH = 25;
