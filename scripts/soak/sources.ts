import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { Observable, Subject, concat, defer, finalize, map, merge, retry, take } from 'rxjs';
import {
  ChannelClosedError,
  abortable,
  channel,
  chunks,
  demand,
  fanIn,
  fromEventEmitter,
  fromIterable,
  fromReadable,
  lines,
  unfold,
} from 'sluice';
import { Fixtures } from './Fixtures.ts';
import type { Parcel, Tally } from './Tally.ts';
import { PlannedError, aWhile, type Part, type Workshop } from './Workshop.ts';

/** Makes a random source. Whatever it gives is a parcel of items that the tally has numbered. */
export function makeSource(shop: Workshop): Part<Observable<Parcel>> {
  const { random } = shop;
  if (random.chance(0.8)) return random.pick(MAKERS)(shop);
  const a = random.pick(MAKERS)(shop);
  const b = random.pick(MAKERS)(shop);
  const [name, join] = random.pick(JOINS);
  return { name: `${name}(${a.name}, ${b.name})`, part: join(a.part, b.part) };
}

type Join = (a: Observable<Parcel>, b: Observable<Parcel>) => Observable<Parcel>;

const JOINS: readonly (readonly [name: string, join: Join])[] = [
  ['merge', (a, b) => merge(a, b)],
  ['concat', (a, b) => concat(a, b)],
  ['fanIn', (a, b) => fanIn(a, b)],
];

type Maker = (shop: Workshop) => Part<Observable<Parcel>>;

function fromGenerator({ tally, random, mayFail }: Workshop): Part<Observable<Parcel>> {
  const most = random.int(0, tally.left);
  const breaksAt = random.chance(0.2) ? random.int(0, most) : -1;
  let given = 0;
  const source = fromIterable(function* () {
    while (given < most && tally.left > 0) {
      if (given++ === breaksAt) throw new PlannedError('the source breaks');
      yield [tally.take()];
    }
  });
  if (breaksAt < 0) return { name: 'fromIterable', part: source };
  // It goes on where it broke: `given` outlives the subscription.
  return mayFail
    ? { name: 'fromIterable, breaks', part: source }
    : { name: 'fromIterable, retry', part: source.pipe(retry(1)) };
}

function fromAsyncGenerator({ tally, random }: Workshop): Part<Observable<Parcel>> {
  const most = Math.min(random.int(0, 200), tally.left);
  const source = fromIterable(async function* () {
    for (let i = 0; i < most && tally.left > 0; i++) {
      await aWhile(random);
      if (tally.left > 0) yield [tally.take()];
    }
  });
  return { name: 'fromIterable, async', part: source };
}

function* parcels(tally: Tally, most: number): Generator<Parcel> {
  for (let i = 0; i < most && tally.left > 0; i++) yield [tally.take()];
}

function fromNodeStream({ tally, random }: Workshop): Part<Observable<Parcel>> {
  const highWaterMark = random.int(1, 32);
  const stream = () => Readable.from(parcels(tally, 300), { objectMode: true, highWaterMark });
  return { name: 'fromReadable', part: fromReadable<Parcel>(stream) };
}

function fromWebStream({ tally, random }: Workshop): Part<Observable<Parcel>> {
  const highWaterMark = random.int(0, 8);
  const stream = () => {
    const items = parcels(tally, 300);
    return new ReadableStream<Parcel>(
      {
        pull(controller) {
          const result = items.next();
          if (result.done === true) controller.close();
          else controller.enqueue(result.value);
        },
      },
      { highWaterMark },
    );
  };
  return { name: 'fromReadable, web', part: fromReadable(stream) };
}

function fromLines({ tally, random, fixtures }: Workshop): Part<Observable<Parcel>> {
  const file = random.chance(0.3) ? fixtures.gzip : fixtures.lines;
  const part = defer(() => {
    const most = Math.min(Fixtures.count, tally.left);
    const first = tally.take(most);
    return lines(file).pipe(
      take(most),
      map((line) => [first + Number(line)]),
    );
  });
  return { name: 'lines', part };
}

function fromChunks({ tally, random, fixtures }: Workshop): Part<Observable<Parcel>> {
  const size = 4 * random.int(1, 64);
  const part = defer(() => {
    if (tally.left < Fixtures.count) return [];
    const first = tally.take(Fixtures.count);
    return chunks(fixtures.bytes, { size }).pipe(
      map((bytes) => Array.from({ length: bytes.length / 4 }, (_, i) => first + bytes.readUInt32LE(i * 4))),
    );
  });
  return { name: 'chunks', part };
}

function fromDemand({ tally, random }: Workshop): Part<Observable<Parcel>> {
  const most = random.int(0, 500);
  const part = new Observable<Parcel>((subscriber) => {
    let left = Math.min(most, tally.left);
    demand(subscriber, { name: 'demand' }, (below) => {
      while (below.wants()) {
        if (left-- <= 0 || tally.left === 0) return subscriber.complete();
        below.send([tally.take()]);
      }
    });
  });
  return { name: 'demand', part };
}

/** Sends whatever the gate says. */
function fromSubject({ tally, random }: Workshop): Part<Observable<Parcel>> {
  const most = random.int(0, 100);
  const part = defer(() => {
    const subject = new Subject<Parcel>();
    let left = Math.min(most, tally.left);
    const tick = (): void => {
      for (let burst = random.int(1, 20); burst > 0 && left > 0 && tally.left > 0 && subject.observed; burst--, left--)
        subject.next([tally.take()]);
      if (left > 0 && tally.left > 0 && subject.observed) timer = setTimeout(tick, random.int(0, 2));
      else subject.complete();
    };
    let timer = setTimeout(tick, 0);
    return subject.pipe(finalize(() => clearTimeout(timer)));
  });
  return { name: 'subject', part };
}

/** Several senders that wait while the channel is full. */
function fromChannel(shop: Workshop): Part<Observable<Parcel>> {
  const { tally, random } = shop;
  const capacity = random.int(0, 10);
  const senders = random.int(1, 4);
  const most = random.int(0, 100);
  const part = defer(() => {
    const items = channel<Parcel>({ capacity });
    let left = most;
    const send = async (): Promise<void> => {
      for (; left > 0; left--) {
        await aWhile(random);
        if (tally.left > 0) await items.send([tally.take()]);
      }
    };
    Promise.all(Array.from({ length: senders }, send)).then(
      () => items.close(),
      (error: unknown) => {
        if (!(error instanceof ChannelClosedError)) tally.fault(`the channel fails with ${String(error)}`);
      },
    );
    return items.pipe(finalize(() => items.close()));
  });
  return { name: `channel(${capacity})`, part };
}

function fromUnfold({ tally, random }: Workshop): Part<Observable<Parcel>> {
  const most = random.int(0, 300);
  const isAsync = random.chance(0.5);
  const step = (n: number): readonly [Parcel, number] | undefined =>
    n < most && tally.left > 0 ? [[tally.take()], n + 1] : undefined;
  const part = isAsync
    ? unfold(0, async (n: number, { signal }) => {
        await aWhile(random, signal);
        return step(n);
      })
    : unfold(0, step);
  return { name: isAsync ? 'unfold, async' : 'unfold', part };
}

function fromCall({ tally, random }: Workshop): Part<Observable<Parcel>> {
  const part = abortable(async (signal) => {
    await aWhile(random, signal);
    return tally.left > 0 ? [tally.take()] : [];
  });
  return { name: 'abortable', part };
}

/** Sends whatever the gate says, and gives the oldest up when it is too much. */
function fromEmitter({ tally, random }: Workshop): Part<Observable<Parcel>> {
  const part = defer(() => {
    const emitter = new EventEmitter<{ item: [Parcel]; end: [] }>();
    let left = random.int(0, 50);
    const tick = (): void => {
      if (left-- > 0 && tally.left > 0) emitter.emit('item', [tally.take()]);
      if (left > 0 && tally.left > 0 && emitter.listenerCount('item') > 0) timer = setTimeout(tick, random.int(0, 1));
      else emitter.emit('end');
    };
    let timer = setTimeout(tick, 0);
    const options = { overflow: 'dropOldest', capacity: 5, until: 'end' } as const;
    return fromEventEmitter(emitter, 'item', options).pipe(finalize(() => clearTimeout(timer)));
  });
  return { name: 'fromEventEmitter', part };
}

const MAKERS: readonly Maker[] = [
  fromChannel,
  fromUnfold,
  fromCall,
  fromEmitter,
  fromGenerator,
  fromGenerator,
  fromAsyncGenerator,
  fromNodeStream,
  fromWebStream,
  fromLines,
  fromChunks,
  fromDemand,
  fromSubject,
];
