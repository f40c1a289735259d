import type { Subscriber } from 'rxjs';
import { wrongType } from './errors.ts';
import type { Flow, FlowNode } from './flow.ts';
import { Gate, Waiter } from './gate.ts';
import { hooks } from './hooks.ts';
import { checkFunction, holds, isOptions } from './options.ts';
import { Telemetry } from './telemetry.ts';

/**
 * The key under which a subscriber that belongs to a stage carries the stage's gate. Registered, so that two copies of
 * this package in one program see each other's gates.
 */
export const GATE: unique symbol = Symbol.for('sluice.gate') as never;

/** What is read of an RxJS subscriber. `destination` is internal to RxJS 7; this file is the only one that knows it. */
interface Link {
  readonly [GATE]?: Gate;
  readonly destination?: Link | null;
}

/** Stands for "nothing below holds back". It has no queue to leave and belongs to no flow. */
const UNBOUNDED = new Gate();

/** The gate of the stage that is subscribing to its source at this moment. */
// oxlint-disable-next-line import/no-mutable-exports -- read once an item: a function would cost a call
export let subscribing: Gate | undefined;

/**
 * Finds the gate that decides whether values sent to `subscriber` are wanted now.
 *
 * It walks down the chain of RxJS subscribers to the first stage. Where the chain is broken (a multicast such as `share`,
 * or a hand-written `new Observable(s => source.subscribe({...}))`) it falls back on the stage that is subscribing at
 * this moment. Where there is no stage at all, the gate it gives is always open.
 */
export function gateBelow(subscriber: Subscriber<never>): Gate {
  for (let link: Link | null | undefined = subscriber as unknown as Link; link; link = link.destination) {
    if (link[GATE] !== undefined) return link[GATE];
  }
  return subscribing ?? UNBOUNDED;
}

/**
 * Makes sources that find no gate by walking belong to `gate` until it is called again; `undefined` shuts that off.
 * Gives what was set before, to be set again afterwards.
 */
export function setSubscribing(gate: Gate | undefined): Gate | undefined {
  const outer = subscribing;
  subscribing = gate;
  return outer;
}

/** What a pausable source says about itself. */
export interface SourceSettings {
  /** Names the source in the report. */
  readonly name: string;
  /** How many values there will be in all, for the report and progress. Default: nobody knows. */
  readonly total?: number | undefined;
  /** The same object for every subscription of one call of the source; the report sums by it. Default: these settings. */
  readonly definition?: object | undefined;
  /** Called when the flow is to end gracefully. Default: the subscriber completes. */
  readonly quit?: (() => void) | undefined;
}

/**
 * Connects a pausable source to the gate below it. To be called once a subscription, in the function given to
 * `new Observable`.
 *
 * `produce` makes values for as long as {@link Demand.wants} says so. It is called at once, and again each time the gate
 * opens. Under `run`, a source also pauses for a moment whenever the event loop needs a turn. What it throws ends the source; what goes
 * wrong later is told with {@link Demand.fail}, so that the report names the source.
 *
 * @example
 * ```ts
 * const countdown = (from: number) =>
 *   new Observable<number>((subscriber) => {
 *     let n = from;
 *     demand(subscriber, { name: 'countdown' }, (below) => {
 *       while (below.wants()) {
 *         if (n === 0) return subscriber.complete();
 *         below.send(n--);
 *       }
 *     });
 *   });
 * ```
 *
 * @throws TypeError if `settings` has no name, or `produce` is no function.
 */
export function demand<T>(
  subscriber: Subscriber<T>,
  settings: SourceSettings,
  produce: (below: Demand<T>) => void,
): Demand<T> {
  checkFunction('demand', 'produce', produce);
  if (!holds(() => typeof subscriber.add === 'function' && typeof subscriber.next === 'function')) {
    throw wrongType('demand', 'subscriber', 'what new Observable hands over', subscriber);
  }
  if (!holds(() => isOptions(settings) && typeof settings.name === 'string')) {
    throw wrongType('demand', 'settings', 'an object with a name', settings);
  }
  const below = new Demand(subscriber, settings, produce);
  below.start();
  return below;
}

/** A pausable source's side of one subscription. Made by {@link demand}. */
export class Demand<T> implements FlowNode {
  readonly kind = 'source';
  readonly name: string;
  readonly definition: object;
  readonly total: number | undefined;
  readonly telemetry = new Telemetry();
  readonly below: Gate;
  /** How many values the source has made and not been able to send. Set by the source, for the report. */
  held = 0;
  readonly #subscriber: Subscriber<T>;
  readonly #flow: Flow | undefined;
  readonly #quit: (() => void) | undefined;
  readonly #produce: (below: Demand<T>) => void;
  readonly #waiter: Waiter;
  #heldSince = 0;
  #isAttached = true;

  constructor(subscriber: Subscriber<T>, settings: SourceSettings, produce: (below: Demand<T>) => void) {
    this.name = settings.name;
    this.definition = settings.definition ?? settings;
    this.total = settings.total;
    this.#quit = settings.quit;
    this.#subscriber = subscriber;
    this.#produce = produce;
    this.below = gateBelow(subscriber);
    this.#flow = this.below.flow;
    this.#waiter = new Waiter(() => this.#woken());
    this.below.attach();
    subscriber.add(() => this.#end());
  }

  get outlets(): readonly Gate[] {
    return [this.below];
  }

  /** @internal */
  start(): void {
    // Then it has ended already, and must not join a flow that it would never leave.
    if (this.#subscriber.closed) return;
    if (this.#flow === undefined || this.below.isInner || this.#flow.join(this)) this.#run();
    else this.#detach();
  }

  /**
   * Whether to make another value now. After `false` make none: `produce` is called again when one is wanted, or never,
   * if the subscription has ended.
   */
  wants(): boolean {
    if (this.#subscriber.closed) return false;
    if (!this.below.isOpen) {
      if (this.#heldSince === 0) this.#heldSince = this.telemetry.heldBack?.start(this.#flow!) ?? 0;
      this.below.wait(this.#waiter);
      return false;
    }
    if (this.#flow !== undefined && !this.#flow.turn.isOpen) {
      this.#flow.turn.wait(this.#waiter);
      return false;
    }
    return true;
  }

  /** Sends a value down. */
  send(value: T): void {
    this.telemetry.out++;
    if (this.#flow !== undefined) this.#flow.spend();
    this.#subscriber.next(value);
  }

  /** Ends the source with an error, which the report then knows it by. One that comes after the end is reported. */
  fail(error: unknown): void {
    if (this.#subscriber.closed) return this.#lateError(error);
    // One inside another stage has that stage's item fail.
    if (!this.below.isInner) this.#flow?.failed?.(error, this);
    this.#subscriber.error(error);
  }

  /** Notes for the report that a value is being made. What it gives goes to {@link Demand.made}. */
  making(): number {
    return this.telemetry.work?.start(this.#flow!) ?? 0;
  }

  /** Notes for the report that a value has been made. */
  made(since: number): void {
    this.telemetry.work?.end(this.#flow!, since);
  }

  /** Keeps the end of a run waiting until `released` settles: an iterator's `return()`, a file being closed. Its failure is reported. */
  releasing(released: PromiseLike<unknown>): void {
    const settled = released.then(undefined, (error: unknown) => this.#lateError(error));
    this.#flow?.releasing(settled);
  }

  /** Ends the source as if it had come to its end. */
  quit(): void {
    // The end of another source may have ended this one.
    if (this.#subscriber.closed) return;
    if (this.#quit === undefined) this.#subscriber.complete();
    else this.#quit();
  }

  #woken(): void {
    this.#noteHeldBack();
    this.#run();
  }

  /** Nothing more comes from here: the stage below need not wait for it. */
  #detach(): void {
    if (this.#isAttached) this.below.attached--;
    this.#isAttached = false;
  }

  #noteHeldBack(): void {
    this.telemetry.heldBack?.end(this.#flow!, this.#heldSince);
    this.#heldSince = 0;
  }

  #run(): void {
    // What runs from here on subscribes on its own account, even if this source emits while it is being subscribed.
    const outer = setSubscribing(undefined);
    try {
      this.#produce(this);
    } catch (error) {
      this.fail(error);
    } finally {
      setSubscribing(outer);
    }
  }

  #lateError(error: unknown): void {
    (this.#flow ?? hooks).lateError(error, this.name);
  }

  #end(): void {
    this.#noteHeldBack();
    this.#waiter.cancel();
    this.#detach();
    this.telemetry.abandoned += this.held;
    this.held = 0;
    if (!this.below.isInner) this.#flow?.leave(this);
  }
}
