import { describe, expect, test } from 'vitest';
import { formatReport } from '../../src/observe/formatReport.ts';
import type { Report } from '../../src/observe/report.ts';
import { stageReport } from './stageReport.ts';

const source = stageReport('lines', {
  kind: 'source',
  out: 1_234_567,
  rate: 99.99,
  busy: 250,
  heldBack: 700,
  idle: 50,
});
const store = stageReport('store', {
  in: 1_234_567,
  out: 1_234_560,
  completed: 1_234_560,
  failed: 7,
  peak: 30,
  concurrency: 10,
  used: 9.9,
  rate: 100_005.67,
  busy: 990,
  idle: 10,
  p50: 0.004,
  p99: 12.3,
});
const report: Report = {
  name: 'import',
  elapsed: 12_345,
  results: 1_234_560,
  lateErrors: 0,
  stages: [source, store],
  threads: [],
  gauges: [],
  failures: [],
  ended: 'completed',
  advice: [],
  abandoned: 0,
};

/** Lines, as they stand below each other. */
const text = (...lines: string[]): string => lines.join('\n');

describe('formatReport', () => {
  test('has a line for each stage, names left, numbers right, and only the columns that say something', () => {
    expect(formatReport(report)).toBe(
      text(
        'flow "import" completed after 12.3 s, 1,234,560 results',
        '',
        'stage                  in        out  failed  peak    at once       rate  busy  held back  idle     p50      p99',
        'lines (source)             1,234,567                               100/s  25 %       70 %   5 %',
        'store           1,234,567  1,234,560       7    30  9.9 of 10  100,006/s  99 %        0 %   1 %  4.0 µs  12.3 ms',
        '',
        'every item is accounted for',
      ),
    );
  });

  test('has every column where each says something', () => {
    const all = stageReport('all', {
      in: 21,
      out: 9,
      completed: 1,
      failed: 2,
      retried: 10,
      dropped: 3,
      merged: 4,
      deadLettered: 5,
      abandoned: 6,
      held: 7,
      peak: 8,
      concurrency: 2,
      used: 0.5,
      rate: 4.321,
      busy: 1,
      heldBack: 1,
      idle: 2,
      waited: 0.25,
      p50: 1,
      p90: 20,
      p99: 1000,
    });
    expect(
      formatReport({ ...report, stages: [all] })
        .split('\n')
        .slice(2, 4),
    ).toEqual([
      'stage  in  out  failed  retried  dropped  merged  dead  abandoned  held  peak   at once   rate  busy  held back  idle  waited      p50      p90     p99',
      'all    21    9       2       10        3       4     5          6     7     8  0.5 of 2  4.3/s  25 %       25 %  50 %  250 µs  1.00 ms  20.0 ms  1.00 s',
    ]);
  });

  test.each([
    ['completed', 'flow "import" completed after 12.3 s'],
    ['quit', 'flow "import" was told to quit and ended cleanly after 12.3 s'],
    ['aborted', 'flow "import" was aborted after 12.3 s'],
    ['failed', 'flow "import" failed after 12.3 s'],
  ] as const)('says how it ended: %s', (ended, first) => {
    expect(formatReport({ ...report, ended })).toContain(`${first}, 1,234,560 results\n`);
  });

  test('of a flow that runs says so, and has no end', () => {
    const { name, elapsed, results, stages } = report;
    const stats = { name, elapsed, results, lateErrors: 2, stages, threads: [], gauges: [], failures: [] };
    const lines = formatReport(stats).split('\n');
    expect(lines[0]).toBe('flow "import" runs after 12.3 s, 1,234,560 results');
    expect(lines.slice(7)).toEqual(['', '2 items failed after their stage had ended']);
  });

  test('says what was lost, what held it up and what might help', () => {
    const bottleneck = { name: 'store', why: 'it was at work 99 % of the time' };
    const full = formatReport({ ...report, lateErrors: 1000, abandoned: 12, bottleneck, advice: ['one.', 'two.'] });
    expect(full.split('\n').slice(7)).toEqual([
      '',
      '1,000 items failed after their stage had ended',
      '',
      '12 items were abandoned',
      '',
      'bottleneck: "store": it was at work 99 % of the time',
      'advice: one.',
      'advice: two.',
    ]);
  });

  test('says what the flow waited for where that was no stage', () => {
    const noBottleneck = 'none was at work most of the time, so the flow waited for what came in';
    expect(
      formatReport({ ...report, noBottleneck, advice: ['one.'] })
        .split('\n')
        .slice(7),
    ).toEqual(['', `no bottleneck: ${noBottleneck}`, 'advice: one.']);
  });

  test('has a line for each thread', () => {
    const thread = {
      pool: 'threads',
      thread: 0,
      state: 'idle',
      busy: 750,
      time: 1000,
      items: 12,
      restarts: 0,
      external: 0,
      heap: 2 ** 23,
    } as const;
    const other = { ...thread, thread: 1, state: 'working', stage: 'hash', restarts: 2, external: 2 ** 28 } as const;
    expect(
      formatReport({ ...report, threads: [thread, other] })
        .split('\n')
        .slice(6, 9),
    ).toEqual([
      'thread     items  busy  restarts  heap  outside it                 now',
      'threads 0     12  75 %            8 MB',
      'threads 1     12  75 %         2  8 MB      256 MB  working for "hash"',
    ]);
  });

  test('says so if a stage cannot account for its items', () => {
    const wrong = stageReport('wrong', { in: 3, unaccounted: 3 });
    expect(formatReport({ ...report, stages: [wrong] })).toContain('\n"wrong" cannot account for 3 items\n'.trimEnd());
    expect(formatReport({ ...report, stages: [wrong] })).not.toContain('every item');
  });

  test('says what was dropped, for which reason, and how breakers are', () => {
    const shed = stageReport('shed', { in: 3, dropped: 3, droppedFor: { maxAge: 2, latest: 1 } });
    const breaker = { kind: 'circuit breaker', name: 'payments', state: 'open', figures: { openings: 2 } } as const;
    expect(
      formatReport({ ...report, stages: [shed], gauges: [breaker] })
        .split('\n')
        .slice(-3),
    ).toEqual([
      'dropped: "shed" gave up 2 (maxAge)',
      'dropped: "shed" gave up 1 (latest)',
      'circuit breaker "payments": open, openings 2',
    ]);
  });

  test('of a flow without stages is its first line and a heading', () => {
    expect(formatReport({ ...report, stages: [] }).split('\n').length).toBeLessThanOrEqual(5);
  });

  test('of a stage that never had any time shows no NaN', () => {
    expect(formatReport({ ...report, stages: [stageReport('idle')] })).not.toContain('NaN');
  });

  test('has no line that ends in a blank, and none that breaks off', () => {
    for (const line of formatReport(report).split('\n')) expect(line).toBe(line.trimEnd());
    expect(formatReport(report).endsWith('\n')).toBe(false);
  });
});
