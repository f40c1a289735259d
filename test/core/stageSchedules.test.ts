import fc from 'fast-check';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { StageRun, type StageCommand, type StageSchedule, type StageScript } from './StageRun.ts';
import { violations } from './violations.ts';

const numbered = fc.tuple(
  fc.constantFrom('take', 'begin', 'begin', 'push', 'push'),
  fc.nat(3),
) as fc.Arbitrary<StageCommand>;
const flips = fc.constantFrom<StageCommand>(['open'], ['open'], ['close']);
const ends = fc.constantFrom<StageCommand>(['end'], ['end'], ['break'], ['quit'], ['unsubscribe']);
const command = fc.oneof(
  { weight: 12, arbitrary: numbered },
  { weight: 6, arbitrary: flips },
  { weight: 1, arbitrary: ends },
);
const script: fc.Arbitrary<StageScript> = fc
  .array(fc.tuple(fc.nat(8), fc.array(command, { minLength: 1, maxLength: 4 })), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries) as StageScript);

const bounds = fc.integer({ min: 1, max: 5 });
const room = bounds.chain((bound) =>
  fc.record({ bound: fc.constant(bound), burst: fc.integer({ min: 1, max: bound }) }),
);

const schedule: fc.Arbitrary<StageSchedule> = fc
  .record({
    source: fc.constantFrom('pausable', 'hot', 'both'),
    items: fc.nat(20),
    room,
    overflowLimit: fc.constantFrom(undefined, undefined, undefined, 0, 1, 4),
    strict: fc.nat(5).map((n) => n === 0),
    values: fc.array(fc.constantFrom(0, 1, 1, 1, 2, 3), { minLength: 1, maxLength: 4 }),
    commands: fc.array(command, { maxLength: 40 }),
    whileProducing: script,
    whileStepping: script,
    whileConsuming: script,
  })
  .map(({ room: both, ...rest }) => ({ ...rest, ...both }));

describe('a stage under any schedule', () => {
  const { warn } = hooks;
  beforeAll(() => {
    hooks.warn = () => {};
  });
  afterAll(() => {
    hooks.warn = warn;
  });

  test('R-12, G1 to G7: keeps its bound and the order, loses nothing and no wake-up, counts everything, and ends clean', () => {
    fc.assert(
      fc.property(schedule, (each) => {
        violations.length = 0;
        const run = new StageRun(each);
        run.start();
        run.expectRest();
        for (const next of each.commands) {
          run.perform([next]);
          run.expectRest();
        }
        run.finish();
      }),
      { numRuns: Number(process.env['RUNS'] ?? 2_000) },
    );
  }, 60_000);
});
