import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { map, pipe, tap, type OperatorFunction } from 'rxjs';
import { batch, encodeNdjson, forEach, toFile, toWritable } from 'sluice';
import type { Parcel } from './Tally.ts';
import { PlannedError, aWhile, type Part, type Workshop } from './Workshop.ts';

/** The end of a flow. */
export interface Sink extends Part<OperatorFunction<Parcel, unknown>> {
  /** Looks at what the sink has left, once the flow has completed. */
  readonly verify?: () => Promise<void>;
}

/** Makes a random sink, which tells the tally of every item that arrives. */
export function makeSink(shop: Workshop): Sink {
  return shop.random.pick([plain, plain, each, each, eachBatch, stream, file, missingFolder])(shop);
}

function plain({ tally }: Workshop): Sink {
  return { name: 'subscribe', part: tap((parcel) => tally.end(parcel, 'arrived')) };
}

function each(shop: Workshop): Sink {
  const { random, tally, mayFail } = shop;
  const concurrency = random.int(1, 8);
  const fails = mayFail && random.chance(0.2);
  const store = async (parcel: Parcel): Promise<void> => {
    await aWhile(random);
    if (fails && random.chance(0.01)) throw new PlannedError('storing fails');
    tally.end(parcel, 'arrived');
  };
  return { name: `forEach(${concurrency})`, part: forEach(store, { concurrency }) };
}

function eachBatch({ random, tally }: Workshop): Sink {
  const store = async (parcels: Parcel[]): Promise<void> => {
    await aWhile(random);
    for (const parcel of parcels) tally.end(parcel, 'arrived');
  };
  const options = { concurrency: random.int(1, 4), batch: { size: random.int(1, 30), wait: random.int(0, 3) } };
  return { name: 'forEach(batch)', part: forEach(store, options) };
}

function stream({ random, tally }: Workshop): Sink {
  const destination = () =>
    new Writable({
      objectMode: true,
      highWaterMark: random.int(1, 8),
      write(parcel: Parcel, _, done) {
        const take = (): void => {
          tally.end(parcel, 'arrived');
          done();
        };
        void aWhile(random).then(take);
      },
    });
  return { name: 'toWritable', part: toWritable(destination, { capacity: random.int(0, 5) }) };
}

function file({ random, tally, fixtures, index }: Workshop): Sink {
  const gzip = random.chance(0.3);
  const path = join(fixtures.out, `${index}.ndjson${gzip ? '.gz' : ''}`);
  const written = new Set<number>();
  const part = pipe(
    tap((parcel: Parcel) => parcel.forEach((item) => written.add(item))),
    batch<Parcel>({ size: random.int(1, 50), wait: 1 }),
    map((parcels) => parcels.flat()),
    encodeNdjson(),
    toFile(path, { sync: false, capacity: random.int(1, 200) }),
  );
  const verify = async (): Promise<void> => {
    const bytes = await readFile(path);
    const text = (gzip ? gunzipSync(bytes) : bytes).toString();
    const items = text.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line) as number[])));
    tally.end(items, 'arrived');
    if (items.length !== written.size)
      tally.fault(`${written.size} items went into the file, ${items.length} are in it`);
  };
  return { name: `toFile(${gzip ? 'gzip' : 'plain'})`, part, verify };
}

/** Fails, and must say so. */
function missingFolder(shop: Workshop): Sink {
  const { fixtures, index, mayFail } = shop;
  if (!mayFail) return file(shop);
  const part = pipe(
    map((parcel: Parcel) => `${parcel.join()}\n`),
    toFile(join(fixtures.out, 'missing', `${index}.txt`)),
  );
  return { name: 'toFile(missing)', part };
}
