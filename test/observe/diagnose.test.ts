import { setTimeout as sleep } from 'node:timers/promises';
import { map } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/observe/diagnose.ts';
import { formatReport } from '../../src/observe/formatReport.ts';
import { run } from '../../src/observe/run.ts';
import { rateLimit } from '../../src/operators/rateLimit.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { source, stage, synthetic } from './fixtures/syntheticFlows.ts';

/** A flow in which nothing takes any time to speak of, and whose source is held back for a share of the time. */
const quiet = (elapsed: number, held = 0) =>
  synthetic(elapsed, [
    source('read', { items: 100, each: 0.01, held }),
    stage('parse', { items: 100, each: 0.1 }),
    stage('store', { items: 100, each: 0.1 }),
  ]);

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

/** Keeps the processor busy. */
const parse = (n: number): number => {
  const end = performance.now() + 5;
  while (performance.now() < end);
  return n;
};

describe('diagnose', () => {
  test.each<[why: string, flow: ReturnType<typeof quiet>, loop: number | undefined, says: string | undefined]>([
    [
      'waits for what comes in',
      quiet(1000),
      0.1,
      'none was at work most of the time, so the flow waited for what came in',
    ],
    [
      'waits, as far as is known',
      quiet(1000),
      undefined,
      'none was at work most of the time, so the flow waited for what came in',
    ],
    [
      'keeps the main thread at work',
      quiet(1000),
      0.97,
      'none was at work most of the time, but the main thread was (97 %): in operators between them, or elsewhere in the program',
    ],
    [
      'holds its source back now and then',
      quiet(1000, 0.3),
      0.1,
      'none was at work most of the time, though "read" was held back 30 %',
    ],
    ['was over too soon to tell', quiet(150), 0.1, undefined],
  ])('says of a flow without a bottleneck that it %s', (_, flow, loop, says) => {
    const found = diagnose(flow, 4, loop);
    expect([found.bottleneck, found.noBottleneck]).toEqual([undefined, says]);
  });

  test('names a stage that held items and ended none, though none of them was timed', () => {
    const flow = quiet(1000);
    const stages = flow.stages.map((it) => (it.name === 'store' ? { ...it, held: 3, completed: 0 } : it));
    expect(diagnose({ ...flow, stages }, 4, 0.1).noBottleneck).toBe(
      'none was at work most of the time as far as was timed, but "store" held 3 items and ended none of them',
    );
  });

  test('takes no stage for a rate limit that has its name', () => {
    const flow = synthetic(
      10_000,
      [source('read', { items: 200, each: 0.01, held: 0.99 }), stage('call', { items: 200, each: 2 })],
      { gauges: [{ kind: 'rate limit', name: 'call', figures: {} }] },
    );
    expect(diagnose(flow, 4, 0.1).bottleneck?.why).not.toContain('its rate limit');
  });

  test('names the rate limit that a flow waits for, and says no more then', () => {
    const flow = synthetic(
      10_000,
      [
        source('read', { items: 200, each: 0.01, held: 0.99 }),
        stage('limit', { items: 200 }),
        stage('call', { items: 200, each: 2 }),
      ],
      { gauges: [{ kind: 'rate limit', name: 'limit', figures: {} }] },
    );
    expect(diagnose(flow, 4, 0.1)).toEqual({
      bottleneck: {
        name: 'limit',
        why: 'its rate limit let 20 items a second through, while "read" above it was held back 99 %',
      },
      advice: [],
    });
  });
});

describe('the diagnosis of a flow that really ran', () => {
  test('names its rate limit', async () => {
    const flow = fromIterable(numbers(30)).pipe(
      rateLimit({ limit: 20, per: 1000, burst: 5 }),
      workerPool((n) => sleep(1, n), { name: 'call', concurrency: 4 }),
    );
    const report = await run(flow).done;
    expect(formatReport(report)).toMatch(
      /^bottleneck: "rateLimit": its rate limit let \d+ items a second through, while "fromIterable" above it was held back \d+ %$/m,
    );
  });

  test('says that the main thread is at work where operators of RxJS compute', async () => {
    const flow = fromIterable(numbers(60)).pipe(
      map(parse),
      workerPool((n) => n, { name: 'store' }),
    );
    const report = await run(flow).done;
    expect(formatReport(report)).toMatch(
      /^no bottleneck: none was at work most of the time, but the main thread was \(\d+ %\)/m,
    );
    expect(report.advice).toEqual([
      expect.stringMatching(
        /^The main thread is at work \d+ % of the time, and only \d+ % of it are in stages .* [\d.]+ m?s an item/,
      ),
    ]);
  });
});
