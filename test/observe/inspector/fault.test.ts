import { setImmediate as turn } from 'node:timers/promises';
import { firstValueFrom, Subject, tap } from 'rxjs';
import { afterEach, expect, test, vi } from 'vitest';
import { hooks } from '../../../src/core/hooks.ts';
import { fromIterable, run, workerPool, type Report } from '../../../src/index.ts';
import { ShownFlow } from '../../../src/observe/inspector/ShownFlow.ts';
import { EventClient } from './EventClient.ts';

afterEach(() => void vi.restoreAllMocks());

/** The half of the items that come before `half` is awaited, and the other half. */
async function* items(half: Promise<unknown>): AsyncGenerator<number> {
  for (let n = 0; n < 200; n++) {
    if (n === 100) await half;
    yield n;
  }
}

function flow(results: number[], half: Promise<unknown> = Promise.resolve()) {
  return fromIterable(() => items(half)).pipe(
    workerPool(
      async (n) => {
        await turn();
        if (n % 50 === 7) throw new Error('on purpose');
        return n * 2;
      },
      { name: 'double', concurrency: 8, order: 'input', onError: 'skip' },
    ),
    tap((n) => results.push(n)),
  );
}

/** What a report says that does not depend on time. */
function counts({ ended, results, stages, lateErrors }: Report) {
  return {
    ended,
    results,
    lateErrors,
    stages: stages.map(({ name, in: into, out, completed, failed, held }) => ({
      name,
      into,
      out,
      completed,
      failed,
      held,
    })),
  };
}

test('I6 a flow whose inspector fails in the midst of it runs to its end, with the results that it has without one', async () => {
  const expected: number[] = [];
  const alone = await run(flow(expected)).done;

  const warn = vi.spyOn(hooks, 'warn').mockReturnValue();
  const half = new Subject<void>();
  const results: number[] = [];
  const running = run(flow(results, firstValueFrom(half)), { inspect: { port: 0 } });
  await expect.poll(() => running.inspector, { timeout: 20_000 }).toBeDefined();
  const client = await EventClient.open(Number(new URL(running.inspector!.url).port));
  await client.next('tick');
  vi.spyOn(ShownFlow.prototype, 'look').mockImplementation(() => {
    throw new Error('broken');
  });
  await client.closed;
  expect(results.length).toBeLessThanOrEqual(100);
  half.next();
  const report = await running.done;

  expect(results).toEqual(expected);
  expect(results.length).toBe(196);
  expect(counts(report)).toEqual(counts(alone));
  expect(warn.mock.calls).toEqual([
    ['The inspector failed and is closed; flows go on without it: broken', 'SLUICE_INSPECTOR'],
  ]);
});
