import { describe, expect, it } from 'vitest';
import { cells } from '../../../src/observe/progress/cells.ts';
import { clock } from '../../../src/observe/progress/clock.ts';
import { cut } from '../../../src/observe/progress/cut.ts';
import { figureTexts } from '../../../src/observe/progress/figureTexts.ts';
import type { StageFigures } from '../../../src/observe/progress/FlowProgress.ts';

const stage = (given: Partial<StageFigures>): StageFigures => ({
  name: 'a',
  kind: 'stage',
  done: 0,
  total: undefined,
  rate: 0,
  held: 0,
  busy: 0,
  heldBack: 0,
  ...given,
});

describe('texts of a line', () => {
  it.each([
    [0, '0:00'],
    [-5, '0:00'],
    [59_999, '0:59'],
    [61_000, '1:01'],
    [3_599_000, '59:59'],
    [3_600_000, '1:00:00'],
    [360_061_000, '100:01:01'],
  ])('a duration: %i', (ms, text) => {
    expect(clock(ms)).toBe(text);
  });

  it.each([
    ['abc', 3],
    ['é', 1],
    ['e\u{301}', 1],
    ['漢字', 4],
    ['ｱ', 1],
    ['Ａ', 2],
    ['👍', 2],
    ['❤\u{FE0F}', 2],
    ['한글', 4],
  ])('cells: %s', (text, width) => {
    expect(cells(text)).toBe(width);
  });

  it.each([
    ['abcd', 4, 'abcd'],
    ['abcd', 3, 'ab~'],
    ['漢字漢', 5, '漢字~'],
    ['漢字漢', 4, '漢~'],
    ['e\u{301}e\u{301}e', 2, 'e\u{301}~'],
    ['abc', 0, ''],
    ['abc', -1, ''],
    ['abc', 1, '~'],
  ])('%s in %i cells', (text, width, expected) => {
    expect(cut(text, width)).toBe(expected);
  });

  it.each([
    [{ done: 999, total: 1000, rate: 0.2 }, '99% 999/1,000 0.2/s ETA 0:05 0 held busy 0%'],
    [{ done: 0, total: 0 }, '100% 0/0 0/s 0 held busy 0%'],
    [{ done: 1, total: 1e9, rate: 1 }, '0% 1/1,000,000,000 1.0/s ETA days 0 held busy 0%'],
    [
      { done: 12_345, rate: 1234.5, held: 3, busy: 0.5, heldBack: 0.25 },
      '12,345 1,235/s 3 held busy 50% held back 25%',
    ],
    [{ kind: 'stretch', done: 5, rate: 9.97 }, '5 10/s'],
    [{ kind: 'source', done: 5, rate: 1, heldBack: 1 }, '5 1.0/s busy 0% held back 100%'],
  ] as const)('figures: %j', (given, text) => {
    expect(figureTexts(stage(given), false).join(' ')).toBe(text);
  });

  it('has no time left once the flow has ended', () => {
    expect(figureTexts(stage({ done: 1, total: 2, rate: 1 }), true).join(' ')).toBe('50% 1/2 1.0/s 0 held busy 0%');
  });
});
