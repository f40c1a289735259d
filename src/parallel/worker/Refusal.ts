import { reasonOf } from '../../core/errors.ts';
import { notCloneablePath } from '../codec/notCloneablePath.ts';

/** A result that cannot be sent, and why. */
export class Refusal extends Error {
  readonly path: string;
  readonly what: string;

  constructor(value: unknown, error: unknown) {
    const { path, what } = notCloneablePath(value, 'result') ?? { path: 'result', what: reasonOf(error) };
    super(`${path} is ${what}`);
    this.path = path;
    this.what = what;
  }
}

/** The first of some values that cannot be sent, if it is one of them. */
export function refusalOf(values: readonly unknown[]): Refusal | undefined {
  for (const value of values) {
    try {
      structuredClone(value);
    } catch (reason) {
      return new Refusal(value, reason);
    }
  }
  return undefined;
}
