import type { Observable, ObservableInput } from 'rxjs';
import { Gate } from '../../core/gate.ts';
import type { OperatorConnection } from '../../core/operate.ts';
import { safely } from '../../core/safely.ts';
import { Stage } from '../../core/stage.ts';
import { Lane } from '../lanes/Lane.ts';
import { Router, type Route } from './Router.ts';

/** What a {@link FanOut} is told about itself. */
export interface FanOutSettings<T, R> {
  readonly name: string;
  readonly overflowLimit: number;
  readonly route: Route<T>;
  /** Makes each lane, from its items. */
  readonly lanes: readonly ((items$: Observable<T>) => ObservableInput<R>)[];
}

/** The stage that holds the next item until a lane takes it, or all lanes have. */
export class FanOut<T, R> extends Stage<T, R> {
  readonly #lanes: readonly Lane<T, R>[];
  readonly #router: Router<T, R> | undefined;
  /** The number of the item that is next. */
  #number = 0;
  #heldSince = 0;

  constructor(connection: OperatorConnection<R>, settings: FanOutSettings<T, R>) {
    const { name, overflowLimit, route, lanes } = settings;
    // Each lane has a gate of its own below it, so the stage itself must not wait for the one at the end of all.
    super(
      { ...connection, below: new Gate(connection.below.flow, connection.below.isInner) },
      { name, overflowLimit, bound: 1, definition: settings },
    );
    const events = {
      // While everything is being unsubscribed one lane is closed before the other: what is held must not go there now.
      changed: () => {
        if (!connection.out.closed) this.drain();
      },
      failed: (error: unknown) => this.fail(error),
      late: (error: unknown) => this.lateError(error),
      completed: () => this.#laneCompleted(connection),
    };
    this.#lanes = lanes.map((make) => new Lane(connection, make, events));
    this.#router = route === 'broadcast' ? undefined : new Router(this.#lanes, route);
    for (const lane of this.#lanes) if (!connection.out.closed) lane.connect();
  }

  override get outlets(): readonly Gate[] {
    return this.#lanes.flatMap(({ gates }) => gates);
  }

  protected override step(): boolean {
    if (this.waiting.length === 0) return false;
    const isSent = this.#router === undefined ? this.#sendToAll() : this.#sendToOne(this.#router);
    if (!this.ended) this.#noteHeldBack(!isSent);
    return isSent;
  }

  /** The input has ended: so do all lanes, and when they have, the stage. */
  protected override finish(): void {
    for (const lane of this.#lanes) lane.complete();
  }

  protected override cancel(): void {
    this.#noteHeldBack(false);
    for (const lane of this.#lanes) lane.cancel();
  }

  #sendToOne(router: Router<T, R>): boolean {
    let lane: Lane<T, R> | undefined;
    try {
      lane = router.laneFor(this.waiting.peek() as T);
    } catch (error) {
      this.fail(error, { item: this.waiting.peek(), index: this.#number });
    }
    if (lane === undefined || this.ended) return false;
    this.telemetry.out++;
    lane.send(this.#takeOut());
    return true;
  }

  /** Sends the item to the first lane that has not had it and is free. Once all have had it, the item has left. */
  #sendToAll(): boolean {
    const due = this.#lanes.filter(({ isOver, latest }) => !isOver && latest !== this.#number);
    let left = due.length;
    let isSent = false;
    for (const lane of due) {
      if (this.ended) return true;
      if (lane.isOver) left--;
      if (lane.isOver || !lane.isFree) continue;
      isSent = true;
      lane.latest = this.#number;
      this.telemetry.out++;
      lane.send(left-- === 1 ? this.#takeOut() : (this.waiting.peek() as T));
    }
    if (isSent) return true;
    for (const each of due) each.wait();
    // The rest gave up their items meanwhile. While nobody takes any at all, it stays.
    const isDone = left === 0 && this.#lanes.some(({ latest }) => latest === this.#number);
    if (isDone) this.#takeOut();
    return isDone;
  }

  #takeOut(): T {
    this.#number++;
    this.telemetry.completed++;
    return this.waiting.shift() as T;
  }

  #laneCompleted({ upstream }: OperatorConnection<R>): void {
    if (this.#lanes.some(({ hasCompleted }) => !hasCompleted)) return;
    // Thrown, it would be lost where a lane has completed within a value.
    safely(
      () => upstream.unsubscribe(),
      (error) => this.lateError(error),
    );
    super.finish();
  }

  #noteHeldBack(isHeldBack: boolean): void {
    const { flow } = this.gate;
    if (flow === undefined || isHeldBack === (this.#heldSince !== 0)) return;
    if (!isHeldBack) this.telemetry.heldBack?.end(flow, this.#heldSince);
    this.#heldSince = (isHeldBack && this.telemetry.heldBack?.start(flow)) || 0;
  }
}
