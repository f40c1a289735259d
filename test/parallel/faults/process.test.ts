import { describe, expect, test } from 'vitest';
import { startProgram, type Ended } from './startProgram.ts';

/** What a program that ended well has printed. */
function printed({ code, signal, lines, err }: Ended): unknown {
  expect({ code, signal, err }).toEqual({ code: 0, signal: null, err: '' });
  return JSON.parse(lines.at(-1)!);
}

describe('R-57 the process ends by itself', { timeout: 310_000 }, () => {
  test.each([
    ['without a pool', ['completed', 'taken', 'failed', 'left spinning', 'left waiting', 'left while it starts']],
    [
      'with a pool',
      [
        'left with a pool open',
        'left while a pool starts',
        'completed with a pool open',
        'a pool that was closed while it spins',
        'left spinning with a pool open',
      ],
    ],
  ])('within a second (here five) after the last flow was given up in any way (%s)', async (which, ways) => {
    const { code, signal, lines, err, lingered } = await startProgram('ends', which).ended;
    expect({ code, signal, err }).toEqual({ code: 0, signal: null, err: '' });
    const ends = lines.map((line) => JSON.parse(line) as { way: string; lingered?: number });
    expect(ends.map(({ way }) => way)).toEqual(ways);
    expect(ends.filter((end) => !(end.lingered! < 5_000))).toEqual([]);
    expect(lingered).toBeLessThan(5_000);
  });
});

describe('R-62 signals', { timeout: 310_000 }, () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s ends the process as if nothing had been loaded', async (signal) => {
    const { child, ended } = startProgram('signals');
    child.stdout!.once('data', () => child.kill(signal));
    const { lines, ...how } = await ended;
    const { before, now } = JSON.parse(lines[0]!) as { before: unknown; now: unknown };
    expect(now).toEqual(before);
    // What shells call exit code 130 or 143.
    expect(how).toMatchObject({ code: null, signal });
  });

  test('F3: a handler of the program finishes what it does, and its exit code counts', async () => {
    const { child, ended } = startProgram('signals', 'own handler');
    child.stdout!.once('data', () => child.kill('SIGTERM'));
    const { lines, code, signal } = await ended;
    const { before, now } = JSON.parse(lines[0]!) as { before: unknown; now: unknown };
    expect(now).toEqual(before);
    expect({ code, signal, last: lines.at(-1) }).toEqual({ code: 5, signal: null, last: 'shut down' });
  });
});

describe('faults that may take the process with them', { timeout: 310_000 }, () => {
  test('W2: a full heap ends its thread, fails its item and no other, and says which option to raise', async () => {
    const { message, ...rest } = printed(await startProgram('outOfMemory').ended) as { message: string };
    expect(rest).toEqual({
      ids: Array.from({ length: 20 }, (_, id) => id).filter((id) => id !== 7),
      letters: 1,
      id: 7,
      code: 'ERR_WORKER_CRASHED',
      cause: 'ERR_WORKER_OUT_OF_MEMORY',
    });
    expect(message).toMatch(/2 threads ended at item 7: .*memory.*"resourceLimits".*maxOldGenerationSizeMb/i);
  });

  test('W11: threads share the fate of their process', async () => {
    const { code, signal, lines } = await startProgram('killed').ended;
    expect({ code, signal, lines }).toEqual({ code: null, signal: 'SIGKILL', lines: [] });
  });
});

test('R-60 the death of a thread is noticed within 100 ms (here 500), and another works within 250 (here 1250)', async () => {
  const { noticed, replaced } = printed(await startProgram('speed').ended) as { noticed: number; replaced: number };
  expect(noticed).toBeLessThan(500);
  expect(replaced).toBeLessThan(1_250);
}, 310_000);
