import type { Observable } from 'rxjs';
import { setSubscribing } from '../../core/demand.ts';
import type { Flow } from '../../core/flow.ts';
import { Gate } from '../../core/gate.ts';
import { InletSubscriber } from '../../core/operate.ts';
import { roomFor } from '../../core/poolSettings.ts';
import { Stage } from '../../core/stage.ts';

/** Who takes the items of a {@link PullStage}. */
export interface Puller<T> {
  /** How many items it wants now. When that has grown it calls {@link PullStage.pull}. */
  readonly wants: number;
  /** Takes an item that it wants. An error that it throws ends the flow. */
  take(item: T): void;
  /** There are no more items. */
  ended(): void;
  failed(error: unknown): void;
}

/** What a {@link PullStage} is told about itself. */
export interface PullSettings {
  readonly name: string;
  /** How many items it may hold besides those that are wanted. */
  readonly capacity: number;
  readonly overflowLimit: number;
  /** Whether an error waits until what was made before it has been taken. */
  readonly inOrder?: boolean;
}

/**
 * The last stage of a flow whose items are asked for from outside: its gate is open while more are wanted than it holds.
 *
 * It subscribes when it is first asked, and never again.
 */
export class PullStage<T> extends Stage<T, never> {
  readonly #source: Observable<T>;
  readonly #root: InletSubscriber<T, never>;
  readonly #settings: PullSettings;
  readonly #puller: Puller<T>;
  #started = false;
  /** The error that waits for its turn. */
  #failure: { readonly error: unknown } | undefined;

  constructor(source: Observable<T>, settings: PullSettings, flow: Flow, puller: Puller<T>) {
    const root = new InletSubscriber<T, never>();
    const out = {
      closed: false,
      next: () => {},
      error: (error: unknown) => puller.failed(error),
      complete: () => puller.ended(),
    };
    const { name, capacity, overflowLimit } = settings;
    const { bound, burst } = roomFor(0, capacity);
    const connection = { out, upstream: root, below: new Gate(flow) };
    super(connection, { name, bound, burst, overflowLimit, definition: settings });
    this.#source = source;
    this.#root = root;
    this.#settings = settings;
    this.#puller = puller;
    root.connect(this);
  }

  /** To be called when more is wanted than before. */
  pull(): void {
    this.#measure();
    this.drain();
    if (!this.#started && !this.ended) this.#start();
  }

  /** Ends it. Nothing is said to the puller any more. */
  stop(): void {
    const lost = this.ended ? undefined : this.#failure;
    try {
      this.finalize();
    } finally {
      if (lost !== undefined) this.lateError(lost.error);
    }
  }

  override error(error: unknown): void {
    if (this.#settings.inOrder !== true || this.held === 0) return super.error(error);
    this.#failure = { error };
    super.complete();
  }

  protected override step(): boolean {
    if (this.waiting.length === 0 || this.#puller.wants <= 0) return false;
    try {
      this.#puller.take(this.waiting.shift() as T);
      this.telemetry.completed++;
    } catch (error) {
      this.telemetry.failed++;
      this.fail(error);
    }
    this.#measure();
    return true;
  }

  protected override finish(): void {
    if (this.#failure === undefined) super.finish();
    else super.error(this.#failure.error);
  }

  #measure(): void {
    this.bound = this.#settings.capacity + this.#puller.wants;
  }

  #start(): void {
    this.#started = true;
    const outer = setSubscribing(this.gate);
    try {
      this.#source.subscribe(this.#root);
    } finally {
      setSubscribing(outer);
    }
  }
}
