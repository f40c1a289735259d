import { config } from 'rxjs';
import { hooks } from '../../core/hooks.ts';
import type { Check } from './Check.ts';
import { ConformanceError } from './ConformanceError.ts';
import { show } from './show.ts';
import { really, virtually, type Clock, type Steps } from './steps.ts';
import type { Trial } from './Trial.ts';
import type { Rule } from './rules.ts';

/** How a check is made of what it does. */
export interface CheckSettings<S extends Trial> {
  readonly rule: Rule;
  readonly title: string;
  /** Whether it runs in real time, because promises or input and output are involved. */
  readonly isReal: boolean;
  readonly makeTrial: (check: Pick<Check, 'rule' | 'title'>, clock: Clock) => S;
  readonly steps: (trial: S) => Steps;
}

/** Makes a check that runs `steps` and then looks whether anything is left. */
export function makeCheck<S extends Trial>(settings: CheckSettings<S>): Check {
  const { rule, title, isReal, makeTrial } = settings;
  const steps = (clock: Clock): Steps => conduct(makeTrial({ rule, title }, clock), settings.steps);
  return { rule, title, run: () => (isReal ? really(steps) : virtually(steps)) };
}

/** Runs the steps of one trial; while they run it hears of every warning and error that nobody else takes. */
export function* conduct<S extends Trial>(trial: S, steps: (trial: S) => Steps): Steps {
  const before = { ...hooks };
  const { onUnhandledError } = config;
  hooks.warn = (message) => {
    trial.note('warning', message);
    trial.warnings.push(message);
  };
  hooks.lateError = (error) => trial.late(error);
  config.onUnhandledError = (error: unknown) => {
    trial.noteWith('RxJS', 'reports as unhandled', error);
    trial.unhandled.push(error);
  };
  const onRejection = (reason: unknown): void => {
    trial.noteWith('a promise', 'is rejected and nobody handles it', reason);
    trial.breach('R-32', 'no rejection that nobody handles', show(reason));
  };
  process.on('unhandledRejection', onRejection);
  try {
    yield* steps(trial);
    trial.close();
    yield* trial.timersEnd('timers that go on', 'R-42');
    yield () => trial.isOver;
    trial.verify();
    yield;
    trial.verify();
  } catch (error) {
    if (error instanceof ConformanceError) throw error;
    throw Object.assign(trial.error({ rule: trial.rule, expected: 'no exception', seen: show(error) }), {
      cause: error,
    });
  } finally {
    Object.assign(hooks, before);
    config.onUnhandledError = onUnhandledError;
    process.off('unhandledRejection', onRejection);
    trial.close();
  }
}
