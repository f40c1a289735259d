import { Observable, interval, map, type Subscriber } from 'rxjs';
import { setSubscribing } from '../core/demand.ts';
import type { FailedItem, Flow, FlowNode, WorkingStage } from '../core/flow.ts';
import { Gate } from '../core/gate.ts';
import type { Gauge } from '../core/gauge.ts';
import { hooks } from '../core/hooks.ts';
import { InletSubscriber } from '../core/operate.ts';
import { Diagnoses } from './Diagnoses.ts';
import { Failures } from './Failures.ts';
import { FlowError } from './flowError.ts';
import type { FlowObserver } from './FlowObserver.ts';
import type { FlowView } from './FlowView.ts';
import { Gauges } from './Gauges.ts';
import { Ledger } from './ledger.ts';
import type { Redact } from './preview.ts';
import type { Diagnosis, FlowStats, Report } from './report.ts';
import { StageWatch } from './StageWatch.ts';
import { Tracing } from './Tracing.ts';
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
  /** Where the inspector's page is, once it is being served; nowhere without `inspect`. */
  readonly inspector: { readonly url: string } | undefined;
}

/** What a {@link FlowRun} is told about itself: checked `RunOptions`. */
export interface FlowSettings {
  readonly name: string;
  readonly grace: number;
  readonly strict: boolean;
  readonly redact: Redact | undefined;
  readonly telemetry: FlowObserver | undefined;
  /** How many threads can run at once. */
  readonly cores: number;
  /** Puts the work of a stage into the context that it is to see. */
  readonly carry?: (<T, R>(stage: WorkingStage<T, R>) => void) | undefined;
}

/** Runs one flow: owns its subscription, its turns of the event loop, its counters and its end. */
export class FlowRun implements Flow, FlowView, Run {
  readonly name: string;
  readonly strict: boolean;
  readonly turn: Gate;
  readonly traceparent: (() => string | undefined) | undefined;
  readonly done: Promise<Report>;
  readonly stats$: Observable<FlowStats>;
  quitting = false;
  report: Report | undefined;
  inspector: { readonly url: string } | undefined;
  readonly #settings: FlowSettings;
  readonly #turn = new Turn(() => this.now());
  readonly #ledger = new Ledger(() => this.now());
  readonly #gauges = new Gauges();
  readonly #failures: Failures;
  readonly #tracing: Tracing | undefined;
  readonly #began = this.now();
  readonly #diagnoses: Diagnoses;
  readonly #root = new InletSubscriber<unknown, never>();
  readonly #gate: Gate;
  readonly #releasing = new Set<PromiseLike<unknown>>();
  /** Timers of a flow that is ending. */
  readonly #timers: ReturnType<typeof setTimeout>[] = [];
  readonly #onEnd: ((ended: Report['ended']) => void)[] = [];
  /** Who is told the figures every second. */
  readonly #watching = new Set<Subscriber<FlowStats>>();
  #results = 0;
  #lateErrors = 0;
  #lateSources = 0;
  #ended: Report['ended'] | undefined;
  #settled = false;
  #settle!: (report: Report | Promise<Report>) => void;

  constructor(settings: FlowSettings) {
    this.#settings = settings;
    this.name = settings.name;
    this.strict = settings.strict;
    this.#diagnoses = new Diagnoses(settings.cores);
    this.#failures = new Failures(settings.redact, (node) => this.#ledger.nameOf(node));
    const tracing = settings.telemetry && new Tracing(settings.telemetry, this);
    this.#tracing = tracing;
    this.traceparent = tracing && (() => tracing.traceparent());
    this.turn = this.#turn.gate;
    this.#gate = new Gate(this);
    this.done = new Promise((resolve) => (this.#settle = resolve));
    this.stats$ = new Observable((subscriber) => {
      if (this.#settled) return subscriber.complete();
      this.#watching.add(subscriber);
      subscriber.add(() => this.#watching.delete(subscriber));
      return interval(1000)
        .pipe(map(() => this.stats()))
        .subscribe(subscriber);
    });
    this.#root.connect({
      gate: this.#gate,
      next: () => void this.#results++,
      error: (error) => this.#end('failed', error),
      complete: () => this.#end(this.quitting ? 'quit' : 'completed'),
    });
  }

  start(flow: Observable<unknown>): void {
    if (this.#ended !== undefined) return;
    // For what is found by the fallback only, with no stage below it: `share` at the end of a flow.
    const outer = setSubscribing(this.#gate);
    try {
      if (this.#tracing === undefined) flow.subscribe(this.#root);
      else this.#tracing.start(() => void flow.subscribe(this.#root));
    } catch (error) {
      // What a teardown throws that is added when the flow has ended already: it is called at once.
      if (this.#ended === undefined) this.#end('failed', error);
      else this.lateError(error, this.name);
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
    if (!this.quitting || node.kind !== 'source') return true;
    // A source that is subscribed while the flow quits ends at once. One that is subscribed again each time it ends
    // (`repeat`) would go on for ever: after a while sources stay silent, and the stage below is cut off from them.
    if (++this.#lateSources <= MAX_LATE_SOURCES) node.quit();
    return false;
  }

  leave(node: FlowNode): void {
    this.#ledger.leave(node);
  }

  equip<T, R>(stage: WorkingStage<T, R>): void {
    const resized = (): void => this.#ledger.resized(stage);
    resized();
    const watch = new StageWatch(stage, this, resized);
    this.#ledger.watched(stage, watch);
    stage.watch = watch;
    // The span is made within the context of the subscriber, and must not be hidden by it.
    this.#tracing?.carry(stage);
    this.#settings.carry?.(stage);
  }

  meet(gauge: Gauge): void {
    this.#gauges.meet(gauge, this.now());
  }

  failed(error: unknown, node: FlowNode, slot?: FailedItem | null): void {
    this.#failures.add(this.now() - this.#began, error, node, slot);
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
      name: this.name,
      elapsed: now - this.#began,
      results: this.#results,
      lateErrors: this.#lateErrors,
      stages: this.#ledger.stages(now, ({ pool }) => this.#gauges.nameOf(pool)),
      threads: this.#gauges.threads(now),
      gauges: this.#gauges.figures(),
      failures: this.#failures.list(),
    };
  }

  /** While the flow runs, this is about its last seconds; once it has ended, about the whole. */
  diagnose(stats: FlowStats): Diagnosis {
    return this.#ended === undefined ? this.#diagnoses.lately(stats) : this.#diagnoses.whole(stats);
  }

  durations(stage: string): Readonly<Uint32Array> | undefined {
    return this.#ledger.durations(stage)?.buckets;
  }

  shutdown(): Promise<Report> {
    if (this.quitting || this.#ended !== undefined) return this.done;
    this.quitting = true;
    const { grace } = this.#settings;
    this.#after(grace, () => this.abort(new Error(`Flow "${this.name}" did not end within its grace of ${grace} ms`)));
    // What never had anything pausable above it is fed by something that cannot be told to stop: it is cut off from it.
    const cutOff = this.#unfed((gate) => !gate.hadAttached);
    const sources = [...this.#ledger.live].filter(({ kind }) => kind === 'source');
    for (const source of sources) this.#safely(() => source.quit());
    cutOff();
    // The same where sources have ended. Until then operators in between send what they hold (`delay`, `bufferCount`); after
    // that, something else goes on, or keeps subscribing the sources again.
    this.#after(Math.min(grace / 2, LINGER), () => this.#unfed((gate) => gate.attached === 0)());
    return this.done;
  }

  abort(reason: unknown = new Error(`Flow "${this.name}" was aborted`)): void {
    this.#end('aborted', reason);
  }

  /** Finds the stages whose gates pass a test, and gives what cuts them off from whatever is above them. */
  #unfed(isUnfed: (gate: Gate) => boolean): () => void {
    const stages = [...this.#ledger.live].filter(({ kind, gate }) => kind === 'stage' && isUnfed(gate!));
    const isRoot = isUnfed(this.#gate);
    return () => {
      for (const stage of stages) this.#safely(() => stage.quit());
      if (isRoot) this.#end('quit');
    };
  }

  /** Has something end: what it throws is reported, and keeps nothing else from its end. */
  #safely(end: () => void): void {
    try {
      end();
    } catch (error) {
      this.lateError(error, this.name);
    }
  }

  /** Calls `act` later, unless the flow has ended by then. */
  #after(ms: number, act: () => void): void {
    if (this.#ended === undefined) this.#timers.push(setTimeout(act, ms));
  }

  #end(ended: Report['ended'], reason?: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = ended;
    this.#safely(() => this.#root.unsubscribe());
    this.#turn.end();
    this.#diagnoses.end();
    for (const timer of this.#timers) clearTimeout(timer);
    // Not `done.then(...)`: that would make Node take a failure that nobody looks at for a handled one.
    this.#settle(
      this.#released().then(() => {
        this.#settled = true;
        this.report = this.#report(ended, reason);
        this.#tracing?.end(this.report);
        for (const act of this.#onEnd) this.#safely(() => act(ended));
        for (const subscriber of this.#watching) this.#safely(() => subscriber.complete());
        if (ended === 'failed') throw new FlowError(this.report, reason, this.#failures.causeOf(reason));
        return this.report;
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
    return {
      ...stats,
      ...this.diagnose(stats),
      ended,
      ...(ended === 'failed' || ended === 'aborted' ? { reason } : {}),
      abandoned: stats.stages.reduce((sum, stage) => sum + stage.abandoned, 0),
    };
  }
}

/** How long, in milliseconds, a flow that quits lets operators that buffer on their own send what they have. */
const LINGER = 1000;
const MAX_LATE_SOURCES = 200;
