import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { from, interval, map, take, type Observable } from 'rxjs';
import { afterAll, describe, expect, test } from 'vitest';
import { fitUsl } from '../../src/observe/advice/fitUsl.ts';
import { advise } from '../../src/observe/advise.ts';
import { run } from '../../src/observe/run.ts';
import { buffered } from '../../src/operators/buffered.ts';
import { rateLimit } from '../../src/operators/rateLimit.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { parallel } from '../../src/parallel/parallel.ts';
import { ThreadPool } from '../../src/parallel/ThreadPool.ts';
import { forEach } from '../../src/sinks/forEach.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { hooks } from '../../src/core/hooks.ts';
import { usl } from '../../src/sync/sizing/usl.ts';
import type { FlowStats, Level } from '../../src/observe/report.ts';
import { same, wait } from '../parallel/tasks/plain.task.ts';
import { source, stage, synthetic, threads } from './fixtures/syntheticFlows.ts';

/** What is advised, with figures that a case names only where they matter. */
const on = (
  stats: FlowStats,
  { bottleneck, cores = 4, loop }: { bottleneck?: string; cores?: number; loop?: number } = {},
): string[] => advise(stats, bottleneck, cores, loop);

/** Levels that a stage had for a second each, as the universal scalability law has them. */
const levels = (rate: number, contention: number, coherency: number, ...concurrencies: number[]): Level[] =>
  concurrencies.map((concurrency) => ({
    concurrency,
    completed: Math.round(usl({ concurrency, contention, coherency, rate }).throughput),
    time: 1000,
  }));

/** A stage that waits for something, all places of which are in use, below one with much in hand. */
const limited = (concurrency = 4) =>
  synthetic(10_000, [
    source('read', { items: concurrency * 500, each: 0.05, held: 0.9 }),
    stage('parse', { items: concurrency * 500, each: 1, concurrency: 2, held: 0.5 }),
    stage('store', { items: concurrency * 500, each: 20, concurrency }),
  ]);

/** A stage that is the limit, and was so at several concurrencies. */
const varied = (last: number, ...seen: Level[]) => {
  const tried = seen.reduce((sum, { completed }) => sum + completed, 0);
  const elapsed = seen.length * 1000;
  return synthetic(elapsed, [
    source('read', { items: tried, each: 0.01, held: 0.9 }),
    stage('call', { items: tried, each: (elapsed * last * 0.95) / tried, concurrency: last, levels: seen }),
  ]);
};

/** A stage that computes for nearly all of the time, one item at a time. */
const hashes = (concurrency: number) =>
  synthetic(10_000, [
    source('read', { items: 3000, each: 0.1 }),
    stage('hash', { items: 3000, each: 3, concurrency }),
    stage('store', { items: 3000, each: 0.05, concurrency: 2 }),
  ]);

/** A stage that keeps its threads at work. */
const onThreads = (size: number, each: number, busy = 0.95) => {
  const items = Math.floor((10_000 * size * busy) / each);
  return synthetic(
    10_000,
    [
      source('read', { items, each: 0.0001, held: 0.9 }),
      stage('resize', { items, each, concurrency: size, pool: 'threads' }),
    ],
    { threads: threads(size, 10_000, busy) },
  );
};

/** A stage whose items take a thread a microsecond. */
const smallOnThreads = (note?: string) =>
  synthetic(
    1000,
    [
      source('count', { items: 200_000, each: 0.0005, held: 0.2 }),
      stage('square', { items: 200_000, each: 0.0011, concurrency: 4, pool: 'threads', ...(note && { note }) }),
    ],
    { threads: threads(4, 1000, 0.055) },
  );

/** Eight threads that are at work for a share of the time, as their source has no more. */
const quietThreads = (share: number) =>
  synthetic(
    10_000,
    [
      source('listen', { items: 1000 }),
      stage('check', { items: 1000, each: share * 80, concurrency: 8, pool: 'threads' }),
    ],
    { threads: threads(8, 10_000, share) },
  );

/** Two threads that have been replaced so often, each. */
const replacedThreads = (restarts: number) =>
  synthetic(
    10_000,
    [
      source('read', { items: 2000, each: 1, held: 0.3 }),
      stage('decode', { items: 2000, each: 5, concurrency: 2, pool: 'threads' }),
    ],
    { threads: threads(2, 10_000, 0.5, { restarts }) },
  );

/** A source that is at work all the time, above a stage that takes so long. */
const slowPages = (each: number) =>
  synthetic(10_000, [
    source('page', { items: 1000, each: 9.8 }),
    stage('parse', { items: 1000, each, concurrency: 2 }),
  ]);

/** A stage in which items fail. */
const failing = (failed: number, deadLettered = 0) =>
  synthetic(
    5000,
    [
      source('read', { items: 1000, each: 0.1, held: 0.2 }),
      stage('fetch', { items: 1000, each: 5, concurrency: 4, failed, deadLettered }),
    ],
    {
      failures: [
        { at: 100, stage: 'fetch', error: 'Error: 404' },
        { at: 4000, stage: 'fetch', error: `Error: 503 ${'x'.repeat(100)}` },
        { at: 4500, stage: 'other', error: 'Error: other' },
      ],
    },
  );

/** A stage that may do so many at once, above a slow one. */
const spacious = (concurrency: number, held: number) =>
  synthetic(10_000, [
    source('list', { items: 1000, each: 0.01, held: 0.95 }),
    stage('fetch', { items: 1000, each: 5, concurrency, held, p90: 8 }),
    stage('store', { items: 1000, each: 19.5, concurrency: 2 }),
  ]);

/** Stages and a source that are at work for half a second of ten. */
const between = (items: number, more: { held?: number } = {}) =>
  synthetic(10_000, [
    source('read', { items, each: 200 / items, ...more }),
    stage('store', { items, each: 300 / items }),
  ]);

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Runs a flow, and gives what is advised. */
async function adviceOf(flow: Observable<unknown>, cores = 4) {
  const before = performance.eventLoopUtilization();
  const report = await run(flow).done;
  const { utilization } = performance.eventLoopUtilization(before);
  return advise(report, report.bottleneck?.name, cores, utilization);
}

/** Keeps the processor busy. */
const compute = (ms: number) => (n: number) => {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return n;
};

describe('advise', () => {
  describe('on a stage that waits for something outside', () => {
    test('says what one more at once brings, and which stage is the limit next', () => {
      // Little: 4 at once of 20 ms are 200 a second. "parse" is at work on 0.2 of 2: ten times as much is its limit.
      expect(on(limited(), { bottleneck: 'store', loop: 0.1 })).toEqual([
        `"store" can do 200 items a second (Little's law: 4 at once, 20.0 ms each), and items wait for it: it waits for something ` +
          `outside the main thread, so if that bears more, one more at once brings 25 %, and at about 40 "parse" becomes the ` +
          `limit, with 2,000 a second.`,
      ]);
    });

    test('says so with an if where it may as well compute', () => {
      expect(on(limited(), { bottleneck: 'store' })).toEqual([
        expect.stringMatching(
          /: if it waits for something outside this process, one more .*; if it computes, only threads help \(parallel\)\.$/,
        ),
      ]);
      expect(on(limited(1), { bottleneck: 'store', loop: 0.8 })[0]).toContain(
        'if it may do several at once and waits for something outside this process, one more at once brings',
      );
    });

    test('takes the main thread for the next limit where that is nearer', () => {
      expect(on(limited(), { bottleneck: 'store', loop: 0.5 })[0]).toContain(
        'at about 8 the main thread becomes the limit, with 400 a second',
      );
    });

    test('does not promise more than the next stage can take', () => {
      const flow = synthetic(10_000, [
        source('read', { items: 2000, each: 0.05, held: 0.9 }),
        stage('fetch', { items: 2000, each: 5, concurrency: 1 }),
        stage('store', { items: 2000, each: 18, concurrency: 4 }),
      ]);
      // "fetch" is at work all the time, "store" on 3.6 of its 4.
      expect(on(flow, { bottleneck: 'fetch', loop: 0.1 })[0]).toContain(
        'one more at once brings 11 %, and at about 2 "store" becomes the limit, with 222 a second',
      );
      const close = synthetic(10_000, [
        source('read', { items: 2000, each: 0.05, held: 0.9 }),
        stage('fetch', { items: 2000, each: 5, concurrency: 1 }),
        stage('store', { items: 2000, each: 19, concurrency: 4 }),
      ]);
      expect(on(close, { bottleneck: 'fetch', loop: 0.1 })[0]).toContain(
        'more at once brings 5 % at most, as "store" then becomes the limit: make both faster.',
      );
    });

    test('does not count to the end where the others have much in hand', () => {
      const flow = synthetic(10_000, [
        source('read', { items: 500, each: 0.05, held: 0.9 }),
        stage('store', { items: 500, each: 20 }),
      ]);
      expect(on(flow, { bottleneck: 'store', loop: 0.02 })[0]).toContain(
        'and the other stages could take 10 times as much',
      );
    });

    test('looks through stretches at what is above, and names none of them', () => {
      const flow = synthetic(10_000, [
        source('read', { items: 2000, each: 0.05, held: 0.9 }),
        { name: 'parse', kind: 'stretch', items: 2000 },
        stage('store', { items: 2000, each: 20, concurrency: 4 }),
      ]);
      const advice = on(flow, { bottleneck: 'store', loop: 0.1 });
      expect(advice).toHaveLength(1);
      expect(advice[0]).not.toContain('"parse"');
      expect(on(flow, { bottleneck: 'parse', loop: 0.1 })).toEqual([]);
    });
  });

  describe('on a stage whose concurrency has changed', () => {
    test('says where the peak is, and that more makes it slower', () => {
      const seen = levels(100, 0.05, 0.006, 4, 12, 48);
      expect(on(varied(48, ...seen), { bottleneck: 'call', loop: 0.1 })).toEqual([
        '"call" did 327 a second at 4, 512 a second at 12, 284 a second at 48 at once: more than that makes it slower; ' +
          'by the universal scalability law the peak is at 13, with 512 a second: keep its concurrency there.',
      ]);
    });

    test('names a few of many concurrencies, and finds the peak between them', () => {
      const seen = levels(100, 0.1, 0.01, 1, 2, 4, 7, 11, 16, 25, 40);
      expect(on(varied(40, ...seen), { bottleneck: 'call', loop: 0.1 })).toEqual([
        expect.stringMatching(
          /^"call" did 100 a second at 1, 355 a second at 11, 195 a second at 40 at once: .* the peak is at 9, with \d+ a second/,
        ),
      ]);
    });

    test('says what twice as many would bring while that is much', () => {
      const seen = levels(100, 0.02, 0, 2, 4, 8);
      expect(on(varied(8, ...seen), { bottleneck: 'call', loop: 0.1 })).toEqual([
        expect.stringMatching(
          /^"call" did 196 a second at 2, 377 a second at 4, 702 a second at 8 at once: by the universal scalability law one more brings 11 %, and twice as many \(16\) 76 %\.$/,
        ),
      ]);
    });

    test('says that more hardly helps, by Amdahl, where two levels are all there is', () => {
      const seen = levels(100, 0.8, 0, 2, 8);
      expect(on(varied(8, ...seen), { bottleneck: 'call', loop: 0.1 })).toEqual([
        `"call" did 111 a second at 2, 121 a second at 8 at once: more at once hardly helps, as it never does more than 125 a ` +
          `second (Amdahl's law); look for what its items wait for one after the other.`,
      ]);
    });

    test('does not believe figures that fit no law', () => {
      const seen = [90, 400, 100, 390].map((completed, i) => ({ concurrency: 2 ** i, completed, time: 1000 }));
      const advice = on(varied(8, ...seen), { bottleneck: 'call', loop: 0.1 });
      expect(advice).toEqual([expect.stringContaining("Little's law: 8 at once")]);
    });

    test('does not take the pace of a quiet source for a lack of scaling', () => {
      const seen = [100, 100, 100].map((completed, i) => ({ concurrency: 2 ** i, completed, time: 1000 }));
      const flow = synthetic(3000, [
        source('clock', { items: 300 }),
        stage('call', { items: 300, each: 30, concurrency: 4, levels: seen }),
      ]);
      expect(on(flow, { bottleneck: 'call', loop: 0.1 })).toEqual([]);
    });
  });

  describe('on a stage that computes on the main thread', () => {
    test('says that it belongs on threads, and what that brings', () => {
      // Amdahl: 90 % of it on four cores.
      for (const [concurrency, bottleneck] of [
        [1, 'hash'],
        [4, undefined],
      ] as const) {
        // prettier-ignore
        expect(on(hashes(concurrency), { ...(bottleneck && { bottleneck }), loop: 0.97 })).toEqual([
          `"hash" is at work 90 % of the time on the main thread (3.00 ms an item), which more concurrency cannot change: ` +
            `put it on threads (parallel), which can make the flow up to 3.1 times as fast on 4 cores (Amdahl's law).`,
        ]);
      }
    });

    test('says so with an if where only the figures of the stage tell', () => {
      expect(on(hashes(4))).toEqual([
        expect.stringContaining(
          'never on more than one item at once although 4 may: if it computes, put it on threads',
        ),
      ]);
    });

    test('says that more at once brings nothing where the main thread is full of what several share', () => {
      const flow = synthetic(10_000, [
        source('read', { items: 3000, each: 0.1, held: 0.9 }),
        stage('render', { items: 3000, each: 13, concurrency: 4 }),
      ]);
      expect(on(flow, { bottleneck: 'render', loop: 0.96 })).toEqual([
        '"render" has 3.9 items under way at once on average, and the main thread is at work 96 % of the time, so that still ' +
          'more at once brings nothing: put what it computes on threads (parallel).',
      ]);
    });

    test('finds it beside others that only wait', () => {
      const flow = synthetic(10_000, [
        source('read', { items: 3000, each: 0.1, held: 0.5 }),
        stage('fetch', { items: 3000, each: 20, concurrency: 8, held: 0.2 }),
        stage('hash', { items: 3000, each: 3 }),
      ]);
      const [advice] = on(flow, { bottleneck: 'hash', loop: 0.97 });
      expect(advice).toMatch(/^"hash" .*: if it computes, put it on threads/);
    });

    test('leaves work alone that is too small for a thread, or a machine with one core', () => {
      const small = synthetic(1000, [
        source('count', { items: 500_000, each: 0.0004 }),
        stage('add', { items: 500_000, each: 0.0012 }),
      ]);
      expect(on(small, { bottleneck: 'add', loop: 1 })).toEqual([]);
      expect(on(hashes(1), { bottleneck: 'hash', loop: 0.97, cores: 1 })).toEqual([]);
    });
  });

  describe('on a flow whose main thread is at work outside of its stages', () => {
    test('says how long that takes an item', () => {
      for (const bottleneck of [undefined, 'store'] as const) {
        expect(on(between(2000, { held: 0.9 }), { ...(bottleneck && { bottleneck }), loop: 0.97 })).toEqual([
          'The main thread is at work 97 % of the time, and only 5 % of it are in stages and sources: operators between them ' +
            '(map, filter) or the rest of the program take 4.60 ms an item. Put what they compute in a stage (workerPool), ' +
            'which shows how long it takes, or on threads (parallel).',
        ]);
      }
    });

    test('says nothing where that is the handing on of small items, or the main thread has time', () => {
      expect(on(between(1_000_000), { loop: 1 })).toEqual([]);
      expect(on(between(2000), { loop: 0.6 })).toEqual([]);
      expect(on(between(2000))).toEqual([]);
    });
  });

  describe('on threads', () => {
    test('says what one more brings while there are cores for it', () => {
      expect(on(onThreads(2, 12), { bottleneck: 'resize', cores: 8, loop: 0.1 })).toEqual([
        '"resize" keeps its 2 threads at work 95 % of the time (12.0 ms an item, 158 a second) on 8 cores: one more thread ' +
          'brings 50 %, and 8 make it 4 times as fast, one for each core.',
      ]);
      expect(on(onThreads(2, 12), { bottleneck: 'resize', cores: 8, loop: 0.5 })[0]).toContain(
        'and 4 make it 2 times as fast, when the main thread becomes the limit.',
      );
      expect(on(onThreads(3, 12), { bottleneck: 'resize', cores: 4, loop: 0.1 })[0]).toMatch(
        /one more thread brings 33 %, one for each core\.$/,
      );
    });

    test('says nothing where they use every core: that is what they are for', () => {
      expect(on(onThreads(4, 12), { bottleneck: 'resize', cores: 4, loop: 0.1 })).toEqual([]);
    });

    test('says that there are more than cores', () => {
      expect(on(onThreads(16, 12), { bottleneck: 'resize', cores: 4, loop: 0.1 })).toEqual([
        expect.stringMatching(
          /^"resize" has 16 threads on 4 cores .*: if it computes, .* 4 would do as much with less memory\.$/,
        ),
      ]);
    });

    test('says that a concurrency keeps threads from work', () => {
      const flow = synthetic(
        10_000,
        [
          source('read', { items: 1900, each: 0.0001, held: 0.9 }),
          stage('resize', { items: 1900, each: 10, concurrency: 2, pool: 'threads' }),
        ],
        { threads: threads(4, 10_000, 0.475) },
      );
      expect(on(flow, { bottleneck: 'resize', loop: 0.1 })).toEqual([
        '"resize" keeps 2 threads at work 95 % of the time (10.0 ms an item, 190 a second), while its pool has 4: raise its ' +
          'concurrency, which is what holds it to 2.',
      ]);
    });

    test('says that work is too small for a thread, unless the stage has seen that itself', () => {
      expect(on(smallOnThreads(), { loop: 1 })).toEqual([
        '"square" takes 1.1 µs an item, less than the way to a thread and back (about 5.0 µs): run it on the main thread with ' +
          "workerPool or map, or let inline: 'auto' decide.",
      ]);
      expect(on(smallOnThreads('ran 190000 of 200000 items on the main thread: ...'), { loop: 1 })).toEqual([]);
    });

    test('says that most of them have nothing to do', () => {
      expect(on(quietThreads(0.1))).toEqual([
        'The 8 threads of "check" were at work 10 % of the time: threads: 2 would do, and take less memory.',
      ]);
      expect(on(quietThreads(0.4))).toEqual([]);
    });

    test('counts no threads that were never started, and those that have ended', () => {
      const quiet = quietThreads(0.1);
      const none = threads(15, 10_000, 0, { state: 'none', items: 0 });
      expect(on({ ...quiet, threads: [...threads(1, 10_000, 0.8), ...none] })).toEqual([]);
      expect(on({ ...quiet, threads: [...threads(8, 10_000, 0.1, { state: 'none' }), ...none] })).toEqual(on(quiet));
      expect(on({ ...quiet, threads: none })).toEqual([]);
    });

    test('says that they are replaced all the time', () => {
      expect(on(replacedThreads(40), { loop: 0.3 })).toEqual([
        'The threads of "decode" were replaced 80 times, once every 25 items, and a start takes tens of milliseconds: find ' +
          'out what ends them (a crash, timeout, maxMemory), or raise maxTasksPerThread.',
      ]);
      expect(on(replacedThreads(2), { loop: 0.3 })).toEqual([]);
    });
  });

  describe('on a source', () => {
    test('says that what is below could take more', () => {
      expect(on(slowPages(5), { bottleneck: 'page', loop: 0.3 })).toEqual([
        '"page" gives 100 items a second and is at work 98 % of the time, while what is below could take 3.3 times as much (then ' +
          'the main thread is the limit, at 333 a second): read it in larger pieces, or from several places at once (fanIn).',
      ]);
      expect(on(slowPages(5), { bottleneck: 'page', loop: 0.2 })[0]).toContain(
        '4 times as much (then "parse" is the limit, at 400 a second)',
      );
    });

    test('says that it computes, where nothing else does', () => {
      expect(on(slowPages(0.1), { bottleneck: 'page', loop: 0.99 })).toEqual([
        expect.stringMatching(
          /as is the main thread: if it computes \(9\.80 ms an item\), let it give what it computes from/,
        ),
      ]);
    });
  });

  describe('on items that get lost, or wait where they should not', () => {
    test('says to use a source that can be paused', () => {
      const flow = synthetic(5000, [
        stage('store', { items: 1000, each: 9.9, concurrency: 2, overrun: 990, peak: 995 }),
      ]);
      const advice = on(flow, { bottleneck: 'store', loop: 0.1 });
      expect(advice).toEqual([
        expect.stringContaining('"store" can do 202 items a second'),
        '"store" was sent 990 of its 1,000 items while it held all it may, by something that cannot be paused, and held up to 995: ' +
          'use fromIterable instead of from, or put buffered({ capacity, overflow }) above it.',
      ]);
    });

    test('says that many fail, with the last error', () => {
      expect(on(failing(120), { loop: 0.1 })).toEqual([
        `"fetch" failed with 120 of 1,000 items (12 %), the last time with "Error: 503 ${'x'.repeat(69)}…": try again what may ` +
          `pass by itself (retry), and keep the rest with onError: { deadLetter }.`,
      ]);
      expect(on(failing(10, 60), { loop: 0.1 })[0]).toContain('70 of 1,000 items (7 %)');
      expect(on(failing(10, 60), { loop: 0.1 })[0]).toContain('look at its dead letters');
      expect(on(failing(49), { loop: 0.1 })).toEqual([]);
    });

    test('says what gives up many, and which stage it is that is too slow for them', () => {
      const flow = synthetic(5000, [
        stage('latest', { items: 4000, droppedFor: { dropOldest: 3000 } }),
        stage('draw', { items: 1000, each: 4.9 }),
      ]);
      expect(on(flow, { bottleneck: 'draw', loop: 0.2 })).toEqual([
        '"latest" gave up 3,000 of 4,000 items (75 %; dropOldest): make "draw" faster, or give it a source that can be paused.',
      ]);
      expect(on(flow, { loop: 0.2 })[0]).toContain('give it more room (capacity)');
    });
  });

  describe('on a stage that may do far more than it needs', () => {
    test('says that it is held back all the time, and how many would do', () => {
      const advice = on(spacious(32, 0.93), { bottleneck: 'store', loop: 0.1 });
      expect(advice).toEqual([
        expect.stringContaining('"store" can do 103 items a second'),
        `"fetch" is held back 93 % of the time, and 100 items a second of 5.00 ms each make 0.5 at once (Little's law): ` +
          `a concurrency of 1 would do instead of 32, and hold fewer items.`,
      ]);
    });

    test('says so of one that is not held back only where far more is allowed and something else is the limit', () => {
      expect(on(spacious(32, 0.1), { bottleneck: 'store', loop: 0.1 })[1]).toMatch(
        /^"fetch" may do far more at once than it needs, as /,
      );
      expect(on(spacious(8, 0.1), { bottleneck: 'store', loop: 0.1 })).toHaveLength(1);
      expect(on(spacious(32, 0.1), { loop: 0.1 })).toEqual([]);
      expect(on(spacious(2, 0.7), { bottleneck: 'store', loop: 0.1 })).toHaveLength(1);
    });
  });

  describe('says nothing', () => {
    test.each<[why: string, flow: FlowStats, more?: Parameters<typeof on>[1]]>([
      ['where nothing ran', synthetic(1000, [])],
      [
        'of a flow that was over too soon',
        synthetic(150, [source('read', { items: 100, held: 0.9 }), stage('store', { items: 100, each: 1.4 })]),
        { bottleneck: 'store', loop: 0.1 },
      ],
      [
        'of a flow of a few items',
        synthetic(2000, [
          source('read', { items: 12, held: 0.9 }),
          stage('store', { items: 12, each: 160, overrun: 9 }),
        ]),
        { bottleneck: 'store', loop: 0.1 },
      ],
      [
        'where everything waits for something that happens when it happens',
        synthetic(60_000, [
          source('clock', { items: 600 }),
          stage('ask', { items: 600, each: 15, concurrency: 8 }),
          stage('write', { items: 600, each: 1 }),
        ]),
        { loop: 0.01 },
      ],
      [
        'where the source is at work all the time and nothing else has anything to do',
        synthetic(60_000, [source('poll', { items: 600, each: 99 }), stage('write', { items: 600, each: 1 })]),
        { bottleneck: 'poll', loop: 0.01 },
      ],
      [
        'where all stages are as busy as each other',
        synthetic(10_000, [
          source('read', { items: 1000, each: 6, held: 0.1 }),
          stage('parse', { items: 1000, each: 7, held: 0.1 }),
          stage('store', { items: 1000, each: 14, concurrency: 2 }),
        ]),
        { bottleneck: 'parse', loop: 0.5 },
      ],
      [
        'where the source is as busy as what is below',
        synthetic(10_000, [source('read', { items: 1000, each: 9.5 }), stage('store', { items: 1000, each: 9.2 })]),
        { bottleneck: 'read', loop: 0.3 },
      ],
      [
        'where a rate limit is what holds the flow back',
        synthetic(10_000, [
          source('read', { items: 1000, each: 0.01, held: 0.99 }),
          stage('rateLimit', { items: 1000 }),
          stage('call', { items: 1000, each: 15, concurrency: 2 }),
        ]),
        { bottleneck: 'call', loop: 0.05 },
      ],
      [
        'where a stage is saturated by chance and nothing waits for it',
        synthetic(10_000, [source('listen', { items: 1000 }), stage('store', { items: 1000, each: 9 })]),
        { bottleneck: 'store', loop: 0.1 },
      ],
      [
        'of what a stage is there to drop',
        synthetic(5000, [
          source('read', { items: 1000, each: 1 }),
          stage('dedupe', { items: 1000, droppedFor: { duplicate: 600 } }),
          stage('draw', { items: 400, each: 1, droppedFor: { latest: 100 } }),
        ]),
        { loop: 0.1 },
      ],
      [
        'of a fast flow on the main thread, whose items are small',
        synthetic(2000, [
          source('range', { items: 1e6, each: 0.0005 }),
          stage('double', { items: 1e6, each: 0.0009, concurrency: 8 }),
        ]),
        { loop: 1 },
      ],
      [
        'of an unbounded concurrency that is little used',
        synthetic(10_000, [
          source('read', { items: 1000, each: 1 }),
          stage('send', { items: 1000, concurrency: Infinity, used: 3 }),
        ]),
        { loop: 0.2 },
      ],
    ])('%s', (_, flow, more) => {
      expect(on(flow, more)).toEqual([]);
    });
  });

  test('gives five sentences at most, what concerns the bottleneck first, each naming its stage', () => {
    const flow = synthetic(
      10_000,
      [
        source('read', { items: 4000, each: 0.01, held: 0.95 }),
        stage('fetch', { items: 4000, each: 1, concurrency: 64, held: 0.9, failed: 1000 }),
        stage('buffer', { items: 3000, droppedFor: { dropNewest: 2000 } }),
        stage('check', { items: 1000, each: 1, concurrency: 16, pool: 'threads' }),
        stage('store', { items: 1000, each: 9.9, overrun: 500 }),
      ],
      { threads: threads(16, 10_000, 0.006, { restarts: 30 }) },
    );
    const advice = on(flow, { bottleneck: 'store', loop: 0.1 });
    expect(advice).toHaveLength(5);
    expect(advice.map((sentence) => /"(.*?)"/.exec(sentence)![1])).toEqual([
      'store',
      'store',
      'fetch',
      'buffer',
      'check',
    ]);
    for (const sentence of advice) {
      expect(sentence).toMatch(/^[^\n]+[.]$/);
      expect(sentence).toMatch(/\d/);
      expect(sentence).not.toMatch(/NaN|undefined|Infinity|-\d/);
    }
  });

  test('changes nothing in what it is given', () => {
    const flow = synthetic(10_000, [
      source('read', { items: 500, held: 0.9 }),
      stage('store', { items: 500, each: 19 }),
    ]);
    const before = structuredClone(flow);
    on(flow, { bottleneck: 'store' });
    expect(flow).toEqual(before);
  });
});

describe('fitUsl', () => {
  test.each([
    [100, 0.05, 0.006],
    [7, 0.3, 0],
    [1000, 0, 0.001],
    [50, 0, 0],
  ])('finds the coefficients that figures were made from: %d, %d, %d', (rate, contention, coherency) => {
    const points = [1, 2, 5, 9, 20, 40].map((concurrency) => ({
      concurrency,
      rate: usl({ concurrency, contention, coherency, rate }).throughput,
    }));
    const fit = fitUsl(points)!;
    expect(fit.rate / rate).toBeCloseTo(1, 6);
    expect(fit.contention).toBeCloseTo(contention, 6);
    expect(fit.coherency).toBeCloseTo(coherency, 6);
    expect(fit.error).toBeLessThan(1e-6);
  });

  test('never gives a coefficient below 0, whatever it is given', () => {
    for (let i = 0; i < 200; i++) {
      const points = [1, 3, 8, 20].map((concurrency, k) => ({ concurrency, rate: 10 + ((i * 37 + k * 61) % 90) }));
      const fit = fitUsl(points)!;
      expect(fit.rate).toBeGreaterThan(0);
      expect(fit.contention).toBeGreaterThanOrEqual(0);
      expect(fit.contention).toBeLessThanOrEqual(1);
      expect(fit.coherency).toBeGreaterThanOrEqual(0);
    }
  });

  test('needs two concurrencies', () => {
    expect(fitUsl([])).toBeUndefined();
    expect(fitUsl([{ concurrency: 4, rate: 10 }, { concurrency: 4, rate: 12 }])).toBeUndefined(); // prettier-ignore
    expect(fitUsl([{ concurrency: 1, rate: 10 }, { concurrency: 2, rate: 20 }])).toMatchObject({ coherency: 0 }); // prettier-ignore
  });
});

describe('advice on a flow that really ran', () => {
  const pool = new ThreadPool({ threads: 4 });
  afterAll(() => pool.close());

  test('a slow stage that waits, below a fast source: more at once', async () => {
    const flow = fromIterable(numbers(60)).pipe(workerPool((n) => sleep(20, n), { name: 'store', concurrency: 2 }));
    const advice = await adviceOf(flow);
    expect(advice).toEqual([
      expect.stringMatching(
        /^"store" can do \d+ items a second \(Little's law: 2 at once, .* one more at once brings 50 %/,
      ),
    ]);
  });

  test('a stage that computes: threads, whatever its concurrency', async () => {
    const flow = fromIterable(numbers(150)).pipe(
      workerPool(compute(3), { name: 'hash', concurrency: 4 }),
      forEach(() => {}),
    );
    const advice = await adviceOf(flow);
    expect(advice).toEqual([
      expect.stringMatching(/^"hash" is at work \d+ % of the time on the main thread .*put it on threads \(parallel\)/),
    ]);
  });

  test('a source that waits for each item, above stages with room: several places', async () => {
    const flow = fromIterable(async function* () {
      for (const n of numbers(40)) yield sleep(10, n);
    }).pipe(workerPool((n) => sleep(4, n), { name: 'parse', concurrency: 1 }));
    const advice = await adviceOf(flow);
    expect(advice).toEqual([
      expect.stringMatching(/^"fromIterable" gives \d+ items a second .*several places at once \(fanIn\)\.$/),
    ]);
  });

  test('far more fetches at once than a slow store can take: fewer, beside more of the store', async () => {
    const flow = fromIterable(numbers(120)).pipe(
      workerPool((n) => sleep(2, n), { name: 'fetch', concurrency: 32, capacity: 0 }),
      workerPool((n) => sleep(20, n), { name: 'store', concurrency: 2, capacity: 0 }),
    );
    const advice = await adviceOf(flow);
    expect(advice).toEqual([
      expect.stringMatching(/^"store" can do \d+ items a second/),
      expect.stringMatching(/^"fetch" (is held back|may do far more) .*a concurrency of \d would do instead of 32/),
    ]);
  });

  test('a source that cannot be paused: another source', async () => {
    const { warn } = hooks;
    hooks.warn = () => {};
    try {
      const flow = from(numbers(200)).pipe(workerPool((n) => sleep(5, n), { name: 'store', concurrency: 4 }));
      const advice = await adviceOf(flow);
      expect(advice.find((sentence) => sentence.includes('use fromIterable instead of from'))).toMatch(
        /^"store" was sent 1\d\d of its 200 items while it held all it may/,
      );
    } finally {
      hooks.warn = warn;
    }
  });

  test('a rate limit: nothing, as it does what it is there for', async () => {
    const flow = fromIterable(numbers(30)).pipe(
      rateLimit({ limit: 20, per: 1000, burst: 5 }),
      workerPool((n) => sleep(1, n), { name: 'call', concurrency: 4 }),
    );
    const advice = await adviceOf(flow);
    expect(advice).toEqual([]);
  });

  test('a quiet source: nothing', async () => {
    const flow = interval(10).pipe(
      take(40),
      workerPool((n) => sleep(2, n), { concurrency: 4 }),
      buffered({ capacity: 4 }),
      map((n) => n),
    );
    const advice = await adviceOf(flow);
    expect(advice).toEqual([]);
  });

  test('work that is too small for a thread: the main thread', async () => {
    const flow = fromIterable(numbers(100_000)).pipe(parallel(same, { name: 'same', threads: pool }));
    const advice = await adviceOf(flow, availableParallelism());
    expect(advice[0]).toMatch(/^"same" takes [\d.]+ µs an item, less than the way to a thread and back/);
  });

  test('four threads that are hardly used: fewer', async () => {
    const flow = fromIterable(async function* () {
      for (const n of numbers(80)) yield sleep(15, { ms: 1, n });
    }).pipe(parallel(wait, { name: 'check', threads: pool }));
    const advice = await adviceOf(flow);
    expect(advice.at(-1)).toMatch(
      /^The 4 threads of "check" were at work \d+ % of the time: threads: 1 would do, and take less memory\.$/,
    );
  });

  test('two threads on eight cores that are always at work: one more', async () => {
    const two = new ThreadPool({ threads: 2 });
    const flow = (count: number) =>
      fromIterable(numbers(count)).pipe(
        map((n) => ({ ms: 40, n })),
        parallel(wait, { name: 'resize', threads: two }),
      );
    await run(flow(4)).done; // Now they have started.
    const advice = await adviceOf(flow(60), 8);
    await two.close();
    expect(advice).toEqual([
      expect.stringMatching(/^"resize" keeps its 2 threads at work \d+ % .*one more thread brings 50 %/),
    ]);
  });
});
