import type { EventEmitter } from 'node:events';
import { Observable, type Subscriber } from 'rxjs';
import { Buffer, readOverflow, type BufferSettings, type Overflow } from '../core/buffer.ts';
import { gateBelow } from '../core/demand.ts';
import { wrongType, wrongValue } from '../core/errors.ts';
import { hooks } from '../core/hooks.ts';
import { operate } from '../core/operate.ts';
import { isArrayOf, OptionReader } from '../core/options.ts';
import { emitterMethods, type EmitterMethods } from './emitterMethods.ts';
import { Listeners, type EventName } from './Listeners.ts';

/** The options of {@link fromEventEmitter}. */
export interface FromEventEmitterOptions<T> {
  /**
   * What happens to an event that comes while the buffer is full: an emitter cannot be told to wait, so one has to be chosen.
   * `'dropOldest'`, `'dropNewest'`, `'latest'` (keeps one), `'fail'` (with an `OverflowError`), or `{ merge: (held, next) => held }`.
   */
  overflow: Exclude<Overflow<T>, 'wait'>;
  /** How many events may be held: an integer of 1 or more, or `Infinity`. Required, except with `overflow: 'latest'`, which holds 1. */
  capacity?: number | undefined;
  /** Called with every event given up and the policy that gave it up. What it throws ends the flow. */
  onDrop?: ((item: T, reason: 'dropOldest' | 'dropNewest' | 'latest') => void) | undefined;
  /** The event, or events, that complete it: `'close'`, say. Default: none does. */
  until?: EventName | readonly EventName[] | undefined;
  /**
   * The event, or events, that fail it with their first argument. Default: `'error'` of an event emitter, unless that is the event
   * itself; none of an event target. An empty list: none.
   */
  failOn?: EventName | readonly EventName[] | undefined;
  /** Names the stage in errors and the report: 1 to 200 characters. Default `'fromEventEmitter'`. */
  name?: string | undefined;
}

/** An event emitter as Node.js has it, or anything with the same two methods. */
export interface EmitterLike {
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** An event target as browsers have it, or anything with the same two methods. */
export interface EventTargetLike {
  addEventListener(event: string, listener: (event: unknown) => void): unknown;
  removeEventListener(event: string, listener: (event: unknown) => void): unknown;
}

/** What is made of the arguments of an event: of one the argument itself, of several an array. */
export type EventValue<A extends unknown[]> = A extends [] ? undefined : A extends [infer V] ? V : A;

/**
 * Emits what an event emitter or event target sends, and keeps it within bounds while nobody can take it.
 *
 * ```
 * tick:   a-b-c-d--e          fromEventEmitter(emitter, 'tick', { overflow: 'dropOldest', capacity: 2, until: 'close' })
 * close:  --------c           after it nothing is heard
 * demand: x----------o        o: gate opens, x: gate closes
 * result: -----------(cd|)    a gave way to c, and b to d
 * ```
 *
 * - **Emits** the argument of each event, or an array of its arguments if there are several; of an event target the `Event`.
 * - **Holds back** nothing, for an emitter cannot be paused: while the gate below is closed, up to `capacity` events wait, and
 *   `overflow` says what becomes of one more.
 * - **Completes** with an event of `until`, after what waits has left. Under `run`, a graceful end does the same.
 * - **Errors** at once with the first argument of an event of `failOn`, and with an `OverflowError` under `'fail'`.
 *
 * It listens only while it is subscribed, with one listener for each of these events.
 *
 * @example
 * ```ts
 * const prices = fromEventEmitter(socket, 'price', { overflow: 'latest', until: 'close' });
 * ```
 *
 * Costs what `buffered` costs. For a Node.js stream use `fromReadable`, which pauses it.
 *
 * @see `fromEvent` of RxJS, which keeps nothing back, neither completes nor fails, and prefers the methods of an event target.
 * @param emitter What has `on` and `off`, `addListener` and `removeListener`, or else `addEventListener` and `removeEventListener`.
 * @param event The name of the event.
 * @param options See {@link FromEventEmitterOptions}.
 * @throws TypeError or RangeError if an argument or option is wrong, or `overflow` is missing.
 */
export function fromEventEmitter<M extends Record<keyof M, unknown[]>, K extends keyof M & EventName>(
  emitter: EventEmitter<M>,
  event: K,
  options: FromEventEmitterOptions<EventValue<M[K]>>,
): Observable<EventValue<M[K]>>;
export function fromEventEmitter<T = unknown>(
  emitter: EmitterLike,
  event: EventName,
  options: FromEventEmitterOptions<T>,
): Observable<T>;
export function fromEventEmitter<T extends Event = Event>(
  target: EventTargetLike,
  event: string,
  options: FromEventEmitterOptions<T>,
): Observable<T>;
export function fromEventEmitter<T>(
  emitter: unknown,
  event: EventName,
  options: Partial<FromEventEmitterOptions<T>> = {},
): Observable<T> {
  const { settings, ...events } = read(emitter, event, options);
  return new Observable<T>((subscriber) => listen(subscriber, emitter, settings.name, events)).pipe(
    operate((connection) => new EventBuffer<T>(connection, settings)),
  );
}

/** What comes from above is the emitter's, so what fails there has failed here. */
class EventBuffer<T> extends Buffer<T> {
  override error(error: unknown): void {
    this.fail(error);
  }
}

interface Events {
  readonly methods: EmitterMethods;
  readonly event: EventName;
  readonly until: readonly EventName[];
  readonly failOn: readonly EventName[];
}

function listen<T>(subscriber: Subscriber<T>, emitter: unknown, name: string, events: Events): void {
  const { flow } = gateBelow(subscriber);
  const failed = (error: unknown): void => (flow ?? hooks).lateError(error, name);
  const listeners = new Listeners(emitter, events.methods, failed);
  subscriber.add(() => listeners.removeAll());
  // What it listens for comes last, when everything that can end it is in place.
  for (const end of events.failOn) listeners.add(end, (error) => subscriber.error(error));
  for (const end of events.until) listeners.add(end, () => subscriber.complete());
  listeners.add(events.event, (...args) => subscriber.next((args.length > 1 ? args : args[0]) as T));
}

function read<T>(
  emitter: unknown,
  event: EventName,
  options: Partial<FromEventEmitterOptions<T>>,
): Events & { settings: BufferSettings<T> } {
  const methods = emitterMethods(emitter);
  if (methods === undefined) throw wrongType(FN, 'emitter', 'an event emitter or an event target', emitter);
  const isTarget = methods.add === 'addEventListener';
  const isEvent = (value: unknown): value is EventName =>
    typeof value === 'string' || (typeof value === 'symbol' && !isTarget);
  const rule = isTarget ? 'a string' : 'a string or a symbol';
  if (!isEvent(event)) throw wrongType(FN, 'event', rule, event);

  const reader = new OptionReader<Partial<FromEventEmitterOptions<T>>>(FN, options, OPTIONS);
  const eventsOf = (key: 'until' | 'failOn', fallback: readonly EventName[]): readonly EventName[] => {
    const value = reader.get(key);
    if (value === undefined) return fallback;
    const names = isEvent(value) ? [value] : value;
    if (!isArrayOf(names, isEvent)) throw wrongType(FN, key, `${rule}, or a list of such`, value);
    if (names.includes(event)) throw wrongValue(FN, key, `another event than ${String(event)}`, value);
    return [...new Set(names)];
  };
  const settings = { ...readOverflow(FN, reader, POLICIES), name: reader.stageName(FN) };
  const failOn = eventsOf('failOn', isTarget || event === 'error' ? [] : ['error']);
  return { methods, event, until: eventsOf('until', []), failOn, settings };
}

const FN = 'fromEventEmitter';
const OPTIONS = ['overflow', 'capacity', 'onDrop', 'until', 'failOn', 'name'] as const;
const POLICIES = ['dropOldest', 'dropNewest', 'latest', 'fail'] as const;
