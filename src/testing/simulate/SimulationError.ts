import type { Breach, Invariant } from './Journal.ts';

/** What a {@link SimulationError} is made of. */
export interface SimulationFailure {
  readonly breach: Breach;
  readonly seed: number;
  readonly path: string;
  readonly runs: number;
  readonly steps: readonly string[];
}

/**
 * A simulated run broke an invariant. The message has what broke, how to repeat it, and the shrunk schedule, one line for each
 * thing that happened.
 */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';
  readonly code = 'ERR_SIMULATION_FAILED';
  /** Which invariant did not hold. */
  readonly invariant: Invariant;
  /** With {@link SimulationError.path}: what makes `simulate` repeat this run alone. */
  readonly seed: number;
  readonly path: string;
  /** What happened, one line each: the frame, then the event; the last says what is wrong. */
  readonly steps: readonly string[];

  constructor({ breach, seed, path, runs, steps }: SimulationFailure) {
    super(
      [
        `simulate(): ${breach.invariant}: ${breach.text}`,
        `Found by schedule ${runs}, and shrunk to this (frame, event):`,
        ...bounded(steps),
        `To repeat it: simulate(..., { seed: ${seed}, path: '${path}' })`,
      ].join('\n'),
    );
    this.invariant = breach.invariant;
    this.seed = seed;
    this.path = path;
    this.steps = steps;
  }
}

/** The beginning and the end of what is long: they say most. */
function bounded(lines: readonly string[]): string[] {
  const short = lines.map((line) => (line.length > LONGEST ? `${line.slice(0, LONGEST - 3)}...` : line));
  const left = short.length - FIRST - LAST;
  if (left <= 0) return short;
  return [...short.slice(0, FIRST), `        (${left} more)`, ...short.slice(-LAST)];
}

const LONGEST = 140;
const FIRST = 20;
const LAST = 40;
