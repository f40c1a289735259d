import { setTimeout as sleep } from 'node:timers/promises';
import {
  BehaviorSubject,
  bufferCount,
  concatMap,
  defer,
  delay,
  filter,
  finalize,
  map,
  mergeMap,
  of,
  pipe,
  share,
  tap,
  timer,
  type MonoTypeOperatorFunction,
  type Observable,
} from 'rxjs';
import {
  Stage,
  batch,
  broadcast,
  buffered,
  conflate,
  delay as delayed,
  fanOut,
  fromIterable,
  fromReadable,
  keyed,
  okOnly,
  operate,
  rateLimit,
  splitResults,
  toIterable,
  toReadable,
  toWeb,
  workerPool,
  type Connection,
  type ItemContext,
  type StageOutput,
} from 'sluice';
import type { Random } from './Random.ts';
import type { Parcel } from './Tally.ts';
import { PlannedError, aWhile, type Part, type Workshop } from './Workshop.ts';

/** An operator that loses no item, or tells the tally of each. */
export type Step = Part<MonoTypeOperatorFunction<Parcel>>;

/** Makes a random operator. */
export function makeOperator(shop: Workshop): Step {
  return shop.random.pick(MAKERS)(shop);
}

type Maker = (shop: Workshop) => Step;

function pool(shop: Workshop): Step {
  const { random, tally, mayFail } = shop;
  const order = random.pick(['completion', 'input'] as const);
  const concurrency = random.int(1, 16);
  const capacity = random.chance(0.5) ? random.int(0, 40) : undefined;
  const options = { order, concurrency, capacity };
  const name = `workerPool(${order}, ${concurrency}+${capacity ?? 'default'}`;
  const failing = (rate: number, note: (parcel: Parcel) => void = () => {}) => work(random, rate, note);
  const failed = (parcel: Parcel): void => tally.end(parcel, 'failed');
  const policy = random.int(0, mayFail ? 5 : 4);
  if (policy === 0) return { name: `${name})`, part: workerPool(failing(0), options) };
  if (policy === 1) {
    return { name: `${name}, skip)`, part: workerPool(failing(0.05, failed), { ...options, onError: 'skip' }) };
  }
  if (policy === 2) {
    const deadLetter = async ({ item }: { item: Parcel }): Promise<void> => {
      await aWhile(random);
      failed(item);
    };
    return { name: `${name}, deadLetter)`, part: workerPool(failing(0.05), { ...options, onError: { deadLetter } }) };
  }
  if (policy === 3) {
    const part = pipe(workerPool(failing(0.05, failed), { ...options, onError: 'emit' }), okOnly());
    return { name: `${name}, emit), okOnly`, part };
  }
  if (policy === 4) {
    const part = pipe(
      workerPool(failing(0.05), { ...options, onError: 'emit' }),
      splitResults(
        (values$) => values$,
        (failures$) =>
          failures$.pipe(
            tap(({ item }) => failed(item)),
            filter((_): _ is never => false),
          ),
      ),
    );
    return { name: `${name}, emit), splitResults`, part };
  }
  return { name: `${name}, stop)`, part: workerPool(failing(0.005), options) };
}

/** A stage function that gives its item back, in one of the many ways in which it may. */
function work(random: Random, rate: number, note: (parcel: Parcel) => void) {
  return (parcel: Parcel, { signal }: ItemContext): StageOutput<Parcel> => {
    const fails = random.chance(rate);
    const end = (): Parcel => {
      if (!fails) return parcel;
      if (!signal.aborted) note(parcel);
      throw new PlannedError('a task fails');
    };
    const kind = random.int(0, 9);
    // Arrays are values here, and every parcel is one.
    if (kind < 3) return end();
    if (kind < 6) return aWhile(random).then(end);
    if (kind === 6) return aWhile(random, signal).then(end);
    if (kind === 7) return timer(random.int(0, 1)).pipe(map(end));
    if (kind === 8) return defer(() => of(end()));
    return oneOf(() => aWhile(random).then(end));
  };
}

async function* oneOf<T>(value: () => Promise<T>): AsyncGenerator<T> {
  yield await value();
}

function changingPool({ random }: Workshop): Step {
  const part = (source: Observable<Parcel>): Observable<Parcel> =>
    defer(() => {
      const limits = new BehaviorSubject(random.int(1, 4));
      const change = (): void => {
        // First, since a new limit may end the flow.
        ticking = setTimeout(change, random.int(1, 5));
        limits.next(random.int(1, 8));
      };
      let ticking = setTimeout(change, 1);
      return source.pipe(
        workerPool(
          work(random, 0, () => {}),
          { concurrency: limits },
        ),
        finalize(() => clearTimeout(ticking)),
      );
    });
  return { name: 'workerPool(changing)', part };
}

function keys({ random, tally }: Workshop): Step {
  const count = random.int(1, 20);
  const key = ([item = 0]: Parcel): number => item % count;
  const concurrency = random.int(1, 8);
  const order = random.pick(['completion', 'input'] as const);
  const overflow = random.pick(['wait', 'dropOldest', 'dropNewest'] as const);
  const perKey = random.int(1, 2);
  const maxWaitingPerKey = random.int(0, 5);
  const onDrop = (parcel: Parcel): void => tally.end(parcel, 'dropped');
  const failed = (parcel: Parcel): void => tally.end(parcel, 'failed');
  const options = { concurrency, order, overflow, perKey, maxWaitingPerKey, onDrop, onError: 'skip' } as const;
  return {
    name: `keyed(${count} keys, ${order}, ${concurrency}, ${perKey}+${maxWaitingPerKey} a key, ${overflow})`,
    part: keyed(key, work(random, 0.02, failed), options),
  };
}

/** Lanes of which each item takes one: with a stage of their own, or none. */
function lanes({ random }: Workshop): Step {
  const count = random.int(1, 4);
  const byKey = { key: ([item = 0]: Parcel) => item % 10 };
  const route = random.pick(['free', 'roundRobin', byKey] as const);
  const capacity = random.chance(0.5) ? random.int(1, 5) : undefined;
  const worked = workerPool(
    work(random, 0, () => {}),
    { concurrency: random.int(1, 4), capacity: random.int(0, 3) },
  );
  const lane = (items$: Observable<Parcel>): Observable<Parcel> => (random.chance(0.8) ? items$.pipe(worked) : items$);
  const name = `fanOut(${count}, ${typeof route === 'string' ? route : 'key'}, ${capacity ?? 'no'} waiting)`;
  return { name, part: fanOut(count, lane, { route, capacity }) };
}

/** What lets every item pass, sooner or later. */
function pace({ random }: Workshop): Step {
  const capacity = random.int(1, 20);
  return random.pick<Step>([
    { name: `delay(1, ${capacity})`, part: delayed(1, { capacity }) },
    { name: 'rateLimit', part: rateLimit({ limit: 10, per: 1, burst: 20 }) },
    { name: `broadcast(${capacity})`, part: broadcast({ capacity }) },
    { name: 'conflate', part: conflate<Parcel>({ merge: (held, next) => [...held, ...next] }) },
  ]);
}

function buffer({ random, tally }: Workshop): Step {
  const capacity = random.int(1, 64);
  const overflow = random.pick(['wait', 'dropOldest', 'dropNewest', 'merge'] as const);
  const name = `buffered(${capacity}, ${overflow})`;
  if (overflow === 'wait') return { name, part: buffered({ capacity }) };
  if (overflow === 'merge') {
    return { name, part: buffered<Parcel>({ capacity, overflow: { merge: (held, next) => [...held, ...next] } }) };
  }
  const onDrop = (parcel: Parcel): void => tally.end(parcel, 'dropped');
  return { name, part: buffered<Parcel>({ capacity, overflow, onDrop }) };
}

function batches({ random }: Workshop): Step {
  const size = random.int(1, 20);
  const wait = random.chance(0.5) ? random.int(0, 3) : undefined;
  const weighs = random.chance(0.3) ? { weigh: (parcel: Parcel) => parcel.length, weight: random.int(1, 30) } : {};
  const name = `batch(${size}, ${wait ?? 'no'} wait)`;
  const gather = batch<Parcel>({ size, wait, ...weighs });
  if (random.chance(0.5))
    return {
      name,
      part: pipe(
        gather,
        map((parcels) => parcels.flat()),
      ),
    };
  return {
    name: `${name}, fromIterable`,
    keeps: true,
    part: pipe(
      gather,
      concatMap((parcels) => fromIterable(parcels)),
    ),
  };
}

/** A stage that lets items through at random moments only. */
class Valve extends Stage<Parcel, Parcel> {
  readonly #random: Random;
  #isShut = true;
  #flipping: ReturnType<typeof setTimeout>;

  constructor(connection: Connection<Parcel>, random: Random) {
    super(connection, { name: 'valve', bound: random.int(1, 8) });
    this.#random = random;
    this.#flipping = setTimeout(() => this.#flip(), 0);
  }

  protected override step(): boolean {
    if (this.#isShut || this.waiting.length === 0) return false;
    this.telemetry.completed++;
    this.deliver(this.waiting.shift()!);
    return true;
  }

  protected override cancel(): void {
    clearTimeout(this.#flipping);
  }

  #flip(): void {
    this.#isShut = this.#random.chance(0.4);
    this.#flipping = setTimeout(() => this.#flip(), this.#random.int(0, 2));
    this.drain();
  }
}

function valve({ random }: Workshop): Step {
  return { name: 'valve', part: operate((connection) => new Valve(connection, random)) };
}

/** Out of the flow, through what is no Observable, and back. */
function detour({ random }: Workshop): Step {
  const capacity = random.int(0, 4);
  const ways: readonly Step[] = [
    { name: 'toIterable', part: (source) => fromIterable(toIterable(source, { capacity })) },
    { name: 'toReadable', part: (source) => fromReadable<Parcel>(() => toReadable(source)) },
    { name: 'toWeb', part: (source) => fromReadable(() => toWeb(source)) },
  ];
  return { ...random.pick(ways), keeps: true };
}

const STOCK: readonly Step[] = [
  { name: 'map', part: map((parcel) => [...parcel]) },
  { name: 'mergeMap', part: mergeMap((parcel) => of(parcel)) },
  { name: 'concatMap', keeps: true, part: concatMap((parcel) => sleep(0, parcel)) },
  { name: 'delay', keeps: true, part: delay(1) },
  { name: 'share', part: share() },
  {
    name: 'bufferCount',
    keeps: true,
    part: pipe(
      bufferCount<Parcel>(3),
      map((parcels) => parcels.flat()),
    ),
  },
];

const MAKERS: readonly Maker[] = [
  pool,
  pool,
  pool,
  pool,
  changingPool,
  keys,
  lanes,
  pace,
  buffer,
  buffer,
  batches,
  valve,
  detour,
  ({ random }) => random.pick(STOCK),
];
