import { Observable, interval, map, type Subscription } from 'rxjs';
import { setSubscribing } from '../core/demand.ts';
import type { Flow, FlowNode } from '../core/flow.ts';
import { Gate } from '../core/gate.ts';
import { hooks } from '../core/hooks.ts';
import { InletSubscriber } from '../core/operate.ts';
import { adviceOn, bottleneckOf } from './bottleneck.ts';
import { FlowError } from './flowError.ts';
import { Ledger } from './ledger.ts';
import type { FlowStats, Report } from './report.ts';
import { Turn } from './turn.ts';

/** A started flow. */
export interface Run {
  /**
   * Settles when the flow has ended and everything it held is released. Rejects with a `FlowError` if the flow failed; a
   * flow that was aborted resolves, and its report says so.
   */
  readonly done: Promise<Report>;
  /** Ends the flow gracefully: sources stop, everything in flight finishes. Gives `done`. */
  shutdown(): Promise<Report>;
  /** Ends the flow at once. What it held is lost, and the report says how much that was. */
  abort(reason?: unknown): void;
  /** The counters now. */
  stats(): FlowStats;
  /** The counters once a second until the flow ends. */
  readonly stats$: Observable<FlowStats>;
}

/** What a {@link FlowRun} is told about itself: checked `RunOptions`. */
export interface FlowSettings {
  readonly name: string;
  readonly grace: number;
  readonly strict: boolean;
}

/** Runs one flow: owns its subscription, its turns of the event loop, its counters and its end. */
export class FlowRun implements Flow, Run {
  readonly strict: boolean;
  readonly turn: Gate;
  readonly done: Promise<Report>;
  readonly stats$: Observable<FlowStats>;
  quitting = false;
  readonly #settings: FlowSettings;
  readonly #turn = new Turn(() => this.now());
  readonly #ledger = new Ledger(() => this.now());
  readonly #began = this.now();
  readonly #root = new InletSubscriber<unknown, never>();
  readonly #gate: Gate;
  readonly #releasing = new Set<PromiseLike<unknown>>();
  /** Timers of a flow that is ending. */
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  readonly #onEnd: ((ended: Report['ended']) => void)[] = [];
  #results = 0;
  #lateErrors = 0;
  #lateSources = 0;
  #ended: Report['ended'] | undefined;
  #settled = false;
  #settle!: (report: Report | Promise<Report>) => void;

  constructor(settings: FlowSettings) {
    this.#settings = settings;
    this.strict = settings.strict;
    this.turn = this.#turn.gate;
    this.#gate = new Gate(this);
    this.done = new Promise((resolve) => (this.#settle = resolve));
    this.stats$ = new Observable((subscriber) => {
      const ticks = interval(1000)
        .pipe(map(() => this.stats()))
        .subscribe(subscriber);
      this.onEnd(() => subscriber.complete());
      return ticks;
    });
    this.#root.connect({
      gate: this.#gate,
      next: () => void this.#results++,
      error: (error) => this.#end('failed', error),
      complete: () => this.#end(this.quitting ? 'quit' : 'completed'),
    });
  }

  start(flow: Observable<unknown>): Subscription {
    // For what is found by the fallback only, with no stage below it: `share` at the end of a flow.
    const outer = setSubscribing(this.#gate);
    try {
      return flow.subscribe(this.#root);
    } finally {
      setSubscribing(outer);
    }
  }

  /** Calls `act` once everything has ended and is released, before `done` settles. */
  onEnd(act: (ended: Report['ended']) => void): void {
    if (this.#settled) act(this.#ended!);
    else this.#onEnd.push(act);
  }

  now(): number {
    return performance.now();
  }

  spend(): void {
    this.#turn.spend();
  }

  join(node: FlowNode): boolean {
    this.#ledger.join(node);
    if (!this.quitting || node.kind === 'stage') return true;
    // A source that is subscribed while the flow quits ends at once. One that is subscribed again each time it ends
    // (`repeat`) would go on for ever: after a while sources stay silent, and the stage below is cut off from them.
    if (++this.#lateSources <= MAX_LATE_SOURCES) node.quit();
    return false;
  }

  leave(node: FlowNode): void {
    this.#ledger.leave(node);
  }

  releasing(released: PromiseLike<unknown>): void {
    const settled = (): void => void this.#releasing.delete(released);
    this.#releasing.add(released);
    released.then(settled, settled);
  }

  lateError(error: unknown, stage: string): void {
    this.#lateErrors++;
    hooks.lateError(error, stage);
  }

  stats(): FlowStats {
    const now = this.now(); // the same for the flow and its stages: their times add up to its time
    return {
      name: this.#settings.name,
      elapsed: now - this.#began,
      results: this.#results,
      lateErrors: this.#lateErrors,
      stages: this.#ledger.stages(now),
    };
  }

  shutdown(): Promise<Report> {
    if (this.quitting || this.#ended !== undefined) return this.done;
    this.quitting = true;
    const { grace } = this.#settings;
    this.#after(grace, () =>
      this.abort(new Error(`Flow "${this.#settings.name}" did not end within its grace of ${grace} ms`)),
    );
    // What never had anything pausable above it is fed by something that cannot be told to stop: it is cut off from it.
    const cutOff = this.#unfed((gate) => !gate.hadAttached);
    const sources = [...this.#ledger.live].filter(({ kind }) => kind === 'source');
    for (const source of sources) source.quit();
    cutOff();
    // The same where sources have ended. Until then operators in between send what they hold (`delay`, `bufferCount`); after
    // that, something else goes on, or keeps subscribing the sources again.
    this.#after(Math.min(grace / 2, LINGER), () => this.#unfed((gate) => gate.attached === 0)());
    return this.done;
  }

  abort(reason: unknown = new Error(`Flow "${this.#settings.name}" was aborted`)): void {
    this.#end('aborted', reason);
  }

  /** Finds the stages whose gates pass a test, and gives what cuts them off from whatever is above them. */
  #unfed(isUnfed: (gate: Gate) => boolean): () => void {
    const stages = [...this.#ledger.live].filter(({ gate }) => gate !== undefined && isUnfed(gate));
    const isRoot = isUnfed(this.#gate);
    return () => {
      for (const stage of stages) stage.quit();
      if (isRoot) this.#end('quit');
    };
  }

  /** Calls `act` later, unless the flow has ended by then. */
  #after(ms: number, act: () => void): void {
    if (this.#ended === undefined) this.#timers.push(setTimeout(act, ms));
  }

  #end(ended: Report['ended'], reason?: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = ended;
    this.#root.unsubscribe();
    this.#turn.end();
    for (const timer of this.#timers) clearTimeout(timer);
    // Not `done.then(...)`: that would make Node take a failure that nobody looks at for a handled one.
    this.#settle(
      this.#released().then(() => {
        this.#settled = true;
        for (const act of this.#onEnd) act(ended);
        const report = this.#report(ended, reason);
        if (ended === 'failed') throw new FlowError(report, reason);
        return report;
      }),
    );
  }

  /** Resolves when everything is released, or when the grace is over. */
  async #released(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise((resolve) => (timer = setTimeout(resolve, this.#settings.grace)));
    while (this.#releasing.size > 0) {
      const all = Promise.allSettled(this.#releasing);
      if ((await Promise.race([all, patience])) === undefined) break;
    }
    clearTimeout(timer);
  }

  #report(ended: Report['ended'], reason: unknown): Report {
    const stats = this.stats();
    const bottleneck = bottleneckOf(stats.stages);
    return {
      ...stats,
      ended,
      ...(ended === 'failed' || ended === 'aborted' ? { reason } : {}),
      ...(bottleneck === undefined ? {} : { bottleneck: { name: bottleneck.name, why: bottleneck.why } }),
      advice: bottleneck === undefined ? [] : [adviceOn(bottleneck.stage)],
      abandoned: stats.stages.reduce((sum, stage) => sum + stage.abandoned, 0),
    };
  }
}

/** How long, in milliseconds, a flow that quits lets operators that buffer on their own send what they have. */
const LINGER = 1000;
const MAX_LATE_SOURCES = 200;
