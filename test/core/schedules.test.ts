import fc from 'fast-check';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { PoolRun, atRest, type Command, type Kind, type Schedule, type Script } from './PoolRun.ts';
import { violations } from './violations.ts';

const numbered = (...names: ('allow' | 'emit' | 'finish' | 'fail' | 'push' | 'limit' | 'letter')[]) =>
  fc.tuple(fc.constantFrom(...names), fc.nat(3)) as fc.Arbitrary<Command>;
const plain = (...names: ('open' | 'close' | 'end' | 'break' | 'unsubscribe')[]) =>
  fc.constantFrom(...names).map((name): Command => [name]);

const command = fc.oneof(
  { weight: 5, arbitrary: plain('open', 'open', 'close') },
  { weight: 12, arbitrary: numbered('allow', 'emit', 'emit', 'finish', 'push', 'push') },
  { weight: 5, arbitrary: numbered('limit', 'letter', 'fail') },
  { weight: 1, arbitrary: plain('end', 'break') },
);
const anyCommand = fc.oneof({ weight: 40, arbitrary: command }, { weight: 1, arbitrary: plain('unsubscribe') });
const script: fc.Arbitrary<Script> = fc
  .array(fc.tuple(fc.nat(8), fc.array(anyCommand, { minLength: 1, maxLength: 4 })), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries) as Script);

const schedule: fc.Arbitrary<Schedule> = fc.record({
  source: fc.constantFrom('sync', 'async', 'subject'),
  items: fc.nat(20),
  kinds: fc.array(
    fc.constantFrom<Kind>(
      'value',
      'value',
      'throw',
      'empty',
      'many',
      'pausable',
      'pausable',
      'async pausable',
      'promise',
      'promise',
      'subject',
      'subject',
    ),
    { minLength: 1, maxLength: 4 },
  ),
  concurrency: fc.integer({ min: 1, max: 3 }),
  isDynamic: fc.boolean(),
  capacity: fc.option(fc.nat(3), { nil: undefined }),
  order: fc.constantFrom('completion', 'input'),
  onError: fc.constantFrom('stop', 'skip', 'emit', 'deadLetter', 'slow deadLetter'),
  commands: fc.array(anyCommand, { maxLength: 40 }),
  whileProducing: script,
  whileStarting: script,
  whileConsuming: script,
});

describe('a pool under any schedule', () => {
  const { warn } = hooks;
  beforeAll(() => {
    hooks.warn = () => {};
  });
  afterAll(() => {
    hooks.warn = warn;
  });

  test('keeps its bound, its limit and its order, loses nothing, counts everything, and ends clean', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (each) => {
        violations.length = 0;
        const run = new PoolRun(each);
        run.start();
        await atRest();
        run.expectRest();
        for (const next of each.commands) {
          run.perform([next]);
          await atRest();
          run.expectRest();
        }
        await run.finish();
      }),
      { numRuns: Number(process.env['RUNS'] ?? 4_000) },
    );
  }, 60_000);
});
