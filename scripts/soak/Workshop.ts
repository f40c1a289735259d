import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { Fixtures } from './Fixtures.ts';
import type { Random } from './Random.ts';
import type { Tally } from './Tally.ts';

/** What the makers of sources, operators and sinks work with. */
export interface Workshop {
  readonly random: Random;
  readonly tally: Tally;
  readonly fixtures: Fixtures;
  /** The number of the flow. */
  readonly index: number;
  /** Whether errors that end the flow are among what may happen. */
  readonly mayFail: boolean;
}

/** A part of a flow, with the words that a report has for it. */
export interface Part<P> {
  readonly name: string;
  readonly part: P;
  /**
   * Whether it keeps items that nobody knows of, as `delay` of RxJS does, or gives them through a source of its own: a flow that
   * is made to end before its time does not wait for these.
   */
  readonly keeps?: boolean;
}

/** An error that a flow is meant to meet: whoever sees it knows that nothing is wrong. */
export class PlannedError extends Error {
  override readonly name = 'PlannedError';
}

/** Whether an error, or what caused it, was planned. */
export function isPlanned(error: unknown): boolean {
  for (let link = error; link instanceof Error; link = link.cause) if (link instanceof PlannedError) return true;
  return false;
}

/** Waits for a random little while: a microtask, a turn of the event loop, or some milliseconds. */
export async function aWhile(random: Random, signal?: AbortSignal): Promise<void> {
  const kind = random.int(0, 9);
  if (kind < 5) await Promise.resolve();
  else if (kind < 9) await turn(undefined, { signal });
  else await sleep(random.int(0, 2), undefined, { signal });
}
