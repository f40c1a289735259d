import { TestScheduler } from 'rxjs/testing';
import { Timers } from './Timers.ts';

/**
 * What a check does, divided at the places where everything that goes on by itself has to go on first. `yield` waits until
 * nothing moves any more, `yield () => ...` until something holds, `yield 'quiet'` for a while in which nothing more may come; what
 * is asserted next says whether it did.
 *
 * So the same check runs in virtual time, synchronously, and in real time where promises or input and output are involved.
 */
export type Steps = Generator<(() => boolean) | 'quiet' | undefined, void>;

/** What a check may know of the time it runs in. */
export interface Clock {
  readonly isReal: boolean;
  /** How many timers have not fired: those of RxJS; in real time all that were set since the check began and keep the process alive. */
  readonly timers: () => number;
  /** The longest time, in milliseconds, that one of them still has to wait. In real time 0. */
  readonly longest: () => number;
  /** Milliseconds of virtual time. */
  readonly now: () => number;
  /** How much has happened so far: whoever waits in real time is patient for as long as this grows. */
  readonly pulse: { count: number };
}

/** Runs steps in the virtual time of RxJS, in one synchronous call. */
export function virtually(steps: (clock: Clock) => Steps): void {
  const scheduler = new TestScheduler(() => {});
  scheduler.run(() => {
    bound(scheduler);
    const { actions } = scheduler;
    const run = steps({
      isReal: false,
      timers: () => actions.length,
      longest: () => Math.max(0, ...actions.map(({ delay }) => delay - scheduler.frame)),
      now: () => scheduler.frame,
      pulse: { count: 0 },
    });
    try {
      for (let step = run.next(); step.done !== true;) {
        step = next(run, () => {
          // Time stands still beyond this, or a timer that repeats for ever would be waited for.
          scheduler.maxFrames = scheduler.frame + HOUR;
          scheduler.flush();
        });
      }
    } finally {
      scheduler.actions.length = 0;
    }
  });
}

/** Has it fail, instead of never coming back, where timers of 0 ms follow on each other without end: its time then stands still. */
function bound(scheduler: TestScheduler): void {
  const { actions } = scheduler;
  let frame = -1;
  let count = 0;
  // It takes each action out of the list before it runs it.
  actions.shift = () => {
    count = scheduler.frame === frame ? count + 1 : 0;
    ({ frame } = scheduler);
    if (count > MOST_IN_A_FRAME)
      throw new Error('timers of 0 ms follow on each other for ever: say isAsync, for real time');
    return Array.prototype.shift.call(actions) as (typeof actions)[number];
  };
}

/** Runs steps in real time. */
export async function really(steps: (clock: Clock) => Steps): Promise<void> {
  const pulse = { count: 0 };
  const timers = new Timers();
  const run = steps({ isReal: true, timers: () => timers.active, longest: () => 0, now: () => 0, pulse });
  try {
    for (let step = run.next(); step.done !== true; step = run.next()) {
      if (step.value === undefined) await turns(QUIET_TURNS);
      else if (step.value === 'quiet') await timers.wait(QUIET);
      else await until(step.value, pulse, timers);
    }
  } finally {
    timers.stop();
  }
}

/** What goes wrong while the check waits goes wrong in the check. */
function next(run: Steps, settle: () => void): ReturnType<Steps['next']> {
  try {
    settle();
  } catch (error) {
    return run.throw(error);
  }
  return run.next();
}

/** Waits for an event, not for a while: only what is broken takes as long as this. */
async function until(holds: () => boolean, pulse: { readonly count: number }, timers: Timers): Promise<void> {
  let { count } = pulse;
  let latest = performance.now() + PATIENCE;
  for (let turn = 0; !holds() && performance.now() < latest; turn++) {
    if (pulse.count !== count) latest = performance.now() + PATIENCE;
    ({ count } = pulse);
    if (turn < MANY_TURNS) await turns(1);
    else await timers.wait(1);
  }
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}

const HOUR = 3_600_000;
const MOST_IN_A_FRAME = 250_000;
/** How long nothing at all has to happen before something is given up, in milliseconds. */
const PATIENCE = 3_000;
const QUIET_TURNS = 4;
/** How long nothing more has to come where that is what is checked, in milliseconds. */
const QUIET = 50;
const MANY_TURNS = 200;
