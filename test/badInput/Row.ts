import type { BadValue } from './BadValue.ts';
import type { Kind } from './kinds.ts';

/** One argument of a public function. */
export interface Argument extends Kind {
  /** As messages call it. */
  readonly name: string;
}

/** Options that are right one by one and wrong together. */
export interface Clash extends BadValue {
  /** The arguments before the options, if not the good ones. */
  readonly args?: readonly unknown[];
  readonly options: object;
  /** The option that the error names. */
  readonly option: string;
}

/** Everything that a public function takes, and what of it is refused. */
export interface Row {
  /** As messages call the function. */
  readonly fn: string;
  /** What the entry exports. */
  readonly target: unknown;
  /** Calls it with any arguments. */
  readonly call: (...args: readonly unknown[]) => unknown;
  /** Arguments that are right, new ones for each call; the options last, if it takes any. */
  readonly good: () => readonly unknown[];
  /** The arguments in order, without the options. */
  readonly args: readonly Argument[];
  /** The options, each with what it takes besides the good ones. Left out where the function takes none. */
  readonly options?: Readonly<Record<string, Kind>>;
  /** Whether the options must be given; or the name of the option that is missed without them. */
  readonly needsOptions?: boolean | string;
  /** Whether any number of arguments may come before the options: then what is no options is one more of them. */
  readonly isVariadic?: boolean;
  /** Whether a key that is none of the options has a meaning of its own: what is refused of these is a matter of its own tests. */
  readonly takesAnyKey?: boolean;
  /** Options that it hands on to the platform, which takes them from a prototype, too. */
  readonly handedOn?: readonly string[];
  readonly clashes?: readonly Clash[];
  /** Ends what a call with good arguments has begun. */
  readonly end?: (result: unknown) => unknown;
}

/** A row for a function. */
export function row(
  fn: string,
  target: unknown,
  rest: Omit<Row, 'fn' | 'target' | 'call'> & Partial<Pick<Row, 'call'>>,
): Row {
  // All of them its own: a test puts the names of options on the prototype of everything.
  return { fn, target, call: target as Row['call'], end: () => {}, handedOn: [], ...rest };
}
