import { describe, expect, test } from 'vitest';
import { formatReport } from '../../src/observe/formatReport.ts';
import type { Report } from '../../src/observe/report.ts';
import { stageReport } from './stageReport.ts';

const source = stageReport('lines', { kind: 'source', out: 1_234_567, busy: 250, heldBack: 700, idle: 50 });
const store = stageReport('store', {
  in: 1_234_567,
  out: 1_234_560,
  completed: 1_234_560,
  failed: 7,
  peak: 30,
  concurrency: 10,
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
        'stage                  in        out  failed  peak  at once  busy  held back  idle     p50      p99',
        'lines (source)             1,234,567                         25 %       70 %   5 %',
        'store           1,234,567  1,234,560       7    30       10  99 %        0 %   1 %  4.0 µs  12.3 ms',
      ),
    );
  });

  test('has every column where each says something', () => {
    const all = stageReport('all', {
      in: 21,
      out: 9,
      completed: 1,
      failed: 2,
      dropped: 3,
      merged: 4,
      deadLettered: 5,
      abandoned: 6,
      held: 7,
      peak: 8,
      concurrency: 2,
      busy: 1,
      heldBack: 1,
      idle: 2,
      p50: 1,
      p99: 1000,
    });
    expect(
      formatReport({ ...report, stages: [all] })
        .split('\n')
        .slice(2),
    ).toEqual([
      'stage  in  out  failed  dropped  merged  dead  abandoned  held  peak  at once  busy  held back  idle      p50     p99',
      'all    21    9       2        3       4     5          6     7     8        2  25 %       25 %  50 %  1.00 ms  1.00 s',
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
    const lines = formatReport({ name, elapsed, results, lateErrors: 2, stages }).split('\n');
    expect(lines[0]).toBe('flow "import" runs after 12.3 s, 1,234,560 results');
    expect(lines.slice(5)).toEqual(['', '2 items failed after their stage had ended']);
  });

  test('says what was lost, what held it up and what might help', () => {
    const bottleneck = { name: 'store', why: 'it was at work 99 % of the time' };
    const full = formatReport({ ...report, lateErrors: 1000, abandoned: 12, bottleneck, advice: ['one.', 'two.'] });
    expect(full.split('\n').slice(5)).toEqual([
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

  test('of a flow without stages is its first line and a heading', () => {
    expect(formatReport({ ...report, stages: [] }).split('\n').length).toBeLessThanOrEqual(3);
  });

  test('of a stage that never had any time shows no NaN', () => {
    expect(formatReport({ ...report, stages: [stageReport('idle')] })).not.toContain('NaN');
  });

  test('has no line that ends in a blank, and none that breaks off', () => {
    for (const line of formatReport(report).split('\n')) expect(line).toBe(line.trimEnd());
    expect(formatReport(report).endsWith('\n')).toBe(false);
  });
});
