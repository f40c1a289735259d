import { outOfRange, wrongType } from '../../core/errors.ts';

/** How delays are spread. */
export type Jitter = 'none' | 'full' | 'equal' | 'decorrelated';

/** Checked options of `backoff`, without what concerns errors. */
export interface DelaySettings {
  readonly initial: number;
  readonly max: number;
  readonly factor: number;
  readonly jitter: Jitter;
  readonly random: () => number;
}

/** Gives the function that chooses the delay before each retry, counted from 1. The names are those of the AWS article. */
export function delays(settings: DelaySettings): (attempt: number) => number {
  const { initial, max, factor, jitter, random } = settings;
  // Zero times infinity is no number.
  const exponential = (attempt: number): number =>
    initial === 0 ? 0 : Math.min(max, initial * factor ** (attempt - 1));
  if (jitter === 'none') return exponential;
  if (jitter === 'full') return (attempt) => exponential(attempt) * draw(random);
  if (jitter === 'equal') return (attempt) => (exponential(attempt) * (1 + draw(random))) / 2;
  return decorrelated(settings);
}

function decorrelated({ initial, max, factor, random }: DelaySettings): (attempt: number) => number {
  /** The last delay given for each retry count; before the first retry stands `initial`. */
  const last = [initial];
  const next = (before: number): number => Math.min(max, initial + draw(random) * (before * factor - initial));
  return (attempt) => {
    const before = Math.min(attempt - 1, REMEMBERED);
    // Whoever begins in the middle has those before drawn, too.
    while (last.length <= before) last.push(next(last.at(-1) as number));
    const delay = next(last[before] as number);
    last[Math.min(attempt, REMEMBERED)] = delay;
    return delay;
  };
}

function draw(random: () => number): number {
  const value: unknown = random();
  const rule = 'a function that gives numbers from 0 to 1';
  if (typeof value !== 'number') throw wrongType('backoff', 'random', rule, value);
  if (!(value >= 0 && value <= 1)) throw outOfRange('backoff', 'random', rule, value);
  return value;
}

/** By then the delays have long reached `max`. */
const REMEMBERED = 64;
