import type { OperatorFunction } from 'rxjs';
import type { StageOutput } from '../../core/execute.ts';
import type { DeadLetter } from '../../core/options.ts';
import type { WorkContext } from './Works.ts';

/** The function that `conform` gives to an operator which runs one for each item. Its result carries the item. */
export type StageFunction<T> = (item: T, context?: WorkContext) => StageOutput<T>;

/** Where an operator reports what it gives up. Hand these on in its options. */
export interface OperatorReports<T> {
  /** Takes an item that was dropped, and the name of the policy that dropped it. */
  readonly dropped: (item: T, reason: string) => void;
  /** Takes an item whose work failed. */
  readonly deadLetter: (letter: DeadLetter<T>) => void;
}

/** Makes the operator under test: called for every flow that a check builds. */
export type OperatorFactory<T, R> = (fn: StageFunction<T>, reports: OperatorReports<T>) => OperatorFunction<T, R>;

/** What an operator promises. What is left out it does not promise, and the rules about it do not apply. */
export interface OperatorCapabilities<T, R> {
  readonly kind: 'operator';
  /** Stands in the titles of the checks. */
  readonly name: string;
  /** The most items that it holds: 0 if none, `Infinity` if as many as come. */
  readonly bound: number;
  /** Makes an input item that carries a value, a number mostly. Default: the value itself. */
  readonly item?: ((value: unknown) => T) | undefined;
  /** The values that a result carries, in order. Default: the result itself. */
  readonly contents?: ((result: R) => readonly unknown[]) | undefined;
  /** Which of the items with the numbers 0, 1, 2, ... come out at all. Default: all. */
  readonly passes?: ((n: number) => boolean) | undefined;
  /** The falsy values that it can carry. Default: all of them; `[]` if it takes only numbers. */
  readonly falsy?: readonly unknown[] | undefined;
  /** The most results that one item may give. Default 1. */
  readonly perItem?: number | undefined;
  /** That it runs `fn` for each item, no more than so many at once. Default: it does not run anything. */
  readonly concurrency?: number | undefined;
  /** What `fn` may give back. Default: all of these. */
  readonly takes?: readonly ('value' | 'promise' | 'observable')[] | undefined;
  /** In which order results leave. Default `'input'`. */
  readonly order?: 'completion' | 'input' | undefined;
  /** What becomes of an item for which `fn` fails. Default `'stop'`. */
  readonly onError?: 'stop' | 'skip' | 'emit' | 'deadLetter' | undefined;
  /** Reads the failure that a result stands for, with `onError: 'emit'`. */
  readonly failure?: ((result: R) => { readonly error: unknown; readonly item: unknown } | undefined) | undefined;
  /**
   * What it does while it holds all it may: holds its source back (`'wait'`, the default), gives items up, makes several into
   * one, or fails with an `OverflowError`.
   */
  readonly whenFull?: 'wait' | 'drop' | 'merge' | 'fail' | undefined;
  /** The names of the policies by which it may drop items, as it reports them. */
  readonly drops?: readonly string[] | undefined;
  /** How many items beyond its bound it takes from a source that cannot be paused. Default: not checked. */
  readonly overflowLimit?: number | undefined;
  /** How many items fewer than its bound it holds before its gate opens again. Default: not checked. */
  readonly burst?: number | undefined;
  /**
   * How many of them may stand one below the other. Default where its results can be its items: 1,000, or 400 if it holds
   * nothing, since RxJS' own take up so much of the stack; else 0.
   */
  readonly chain?: number | undefined;
  /** That it measures time. */
  readonly time?: OperatorTime<T, R> | undefined;
  /** That it needs promises or real timers to get on: its checks run in real time. Default `false`. */
  readonly isAsync?: boolean | undefined;
}

/** What an operator that measures time promises. */
export interface OperatorTime<T, R> {
  /** Makes the operator with a delay of so many milliseconds, to see what becomes of one that no timer can keep. */
  readonly delay?: ((ms: number) => OperatorFunction<T, R>) | undefined;
}
