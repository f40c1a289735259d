import { Readable } from 'node:stream';
import { filter, from, lastValueFrom, map, scan, type Observable } from 'rxjs';
import { fromIterable, workerPool } from 'sluice';
import type { Table } from './Table.ts';

function* numbers(count: number) {
  for (let i = 0; i < count; i++) yield i;
}

const addOne = (n: number) => n + 1;
const isWanted = (n: number) => n % 3 !== 0;
const add = (sum: number, n: number) => sum + n;

const rx = (source: Observable<number>) => lastValueFrom(source.pipe(map(addOne), filter(isWanted), scan(add, 0)));

/** A stage whose gate closes at every 64th item and opens again as soon as the stack is empty. */
function closingEvery64() {
  let count = 0;
  return workerPool((n: number) => (++count % 64 === 0 ? Promise.resolve(n) : n), { concurrency: 1, capacity: 0 });
}

/** source → map → filter → scan, all synchronous. */
export const pipeline: Table = {
  title: 'synchronous pipeline: source → map → filter → scan',
  items: 500_000,
  base: 'RxJS from(generator)',
  claims: [
    { row: 'fromIterable, gate open', than: 'RxJS from(generator)', atMost: 1.1 },
    { row: 'fromIterable, gate open', than: 'Go, channels of 0', atMost: 1 },
    { row: 'fromIterable, gate open', than: 'Go, channels of 64', atMost: 1 },
    { row: 'fromIterable, gate open', than: 'Go, channels of 1024', atMost: 1 },
  ],
  contenders: {
    'plain loop over a generator': {
      run: async (items) => {
        let sum = 0;
        for (const n of numbers(items)) {
          const next = addOne(n);
          if (isWanted(next)) sum = add(sum, next);
        }
        return sum;
      },
    },
    'RxJS from(array)': { run: (items) => rx(from(arrayOf(items))) },
    'RxJS from(generator)': { run: (items) => rx(from(numbers(items))) },
    'fromIterable, gate open': { ours: true, run: (items) => rx(fromIterable(numbers(items))) },
    'fromIterable, stage below': {
      ours: true,
      run: (items) => rx(fromIterable(numbers(items)).pipe(workerPool(addOne))),
    },
    'fromIterable, gate closes every 64': {
      ours: true,
      run: (items) =>
        lastValueFrom(fromIterable(numbers(items)).pipe(map(addOne), filter(isWanted), scan(add, 0), closingEvery64())),
    },
    'Effect Stream.range': {
      run: async (items) => {
        const { Effect, Stream } = await import('effect');
        return Effect.runPromise(
          Stream.range(0, items - 1).pipe(
            Stream.map(addOne),
            Stream.filter(isWanted),
            Stream.runFold(() => 0, add),
          ),
        );
      },
    },
    'Effect Stream.fromIterable': {
      run: async (items) => {
        const { Effect, Stream } = await import('effect');
        return Effect.runPromise(
          Stream.fromIterable(numbers(items)).pipe(
            Stream.map(addOne),
            Stream.filter(isWanted),
            Stream.runFold(() => 0, add),
          ),
        );
      },
    },
    'Go, channels of 0': { run: { go: 'pipeline', buffer: 0 } },
    'Go, channels of 64': { run: { go: 'pipeline', buffer: 64 } },
    'Go, channels of 1024': { run: { go: 'pipeline', buffer: 1024 } },
    'async generators': {
      run: async (items) => {
        let last = 0;
        for await (const sum of scanned(filtered(mapped(asyncNumbers(items))))) last = sum;
        return last;
      },
    },
    'Node Readable': {
      items: 20_000,
      run: async (items) => {
        let sum = 0;
        const stream = Readable.from(numbers(items)).map(addOne).filter(isWanted);
        for await (const n of stream) sum = add(sum, n as number);
        return sum;
      },
    },
    'IxJS async': {
      items: 50_000,
      run: async (items) => {
        const { from: ixFrom } = await import('ix/asynciterable');
        const { filter: ixFilter, map: ixMap, scan: ixScan } = await import('ix/asynciterable/operators');
        let last = 0;
        const stream = ixFrom(numbers(items)).pipe(
          ixMap(addOne),
          ixFilter(isWanted),
          ixScan({ seed: 0, callback: add }),
        );
        for await (const sum of stream) last = sum;
        return last;
      },
    },
    'Web Streams': {
      items: 50_000,
      run: async (items) => {
        let last = 0;
        let sum = 0;
        const stream = ReadableStream.from(numbers(items))
          .pipeThrough(transform<number>((n, to) => to.enqueue(addOne(n))))
          .pipeThrough(transform<number>((n, to) => isWanted(n) && to.enqueue(n)))
          .pipeThrough(transform<number>((n, to) => to.enqueue((sum = add(sum, n)))));
        for await (const n of stream) last = n;
        return last;
      },
    },
  },
};

const arrays = new Map<number, number[]>();

/** Made once: only the way through the array is measured. */
function arrayOf(items: number): number[] {
  const made = arrays.get(items) ?? Array.from({ length: items }, (_, i) => i);
  arrays.set(items, made);
  return made;
}

function transform<T>(each: (item: T, to: TransformStreamDefaultController<T>) => unknown) {
  return new TransformStream<T, T>({ transform: (item, to) => void each(item, to) });
}

async function* asyncNumbers(count: number) {
  for (let i = 0; i < count; i++) yield i;
}
async function* mapped(source: AsyncIterable<number>) {
  for await (const n of source) yield addOne(n);
}
async function* filtered(source: AsyncIterable<number>) {
  for await (const n of source) if (isWanted(n)) yield n;
}
async function* scanned(source: AsyncIterable<number>) {
  let sum = 0;
  for await (const n of source) yield (sum = add(sum, n));
}
