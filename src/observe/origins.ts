import { origin, type Origin } from '../core/origin.ts';
import type { FlowNode } from '../core/flow.ts';

/** Begins to note where stages are made, except in production: it takes some microseconds a stage. */
export function noteOrigins(): void {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  if (process?.env?.['NODE_ENV'] !== 'production') origin.note ??= capture;
}

/** Where the stage of a node was made, as `file:line:column`, if that was noted. */
export function originOf(node: FlowNode): string | undefined {
  // An operator of the user's may have a name and no more.
  const made = (node.definition as { origin?: Origin } | undefined)?.origin;
  const lines = made?.stack?.split('\n').slice(1) ?? [];
  const outside = lines.find((line) => !HERE.some((here) => line.includes(here)));
  return outside === undefined ? undefined : /\(?([^\s(]+:\d+:\d+)\)?$/.exec(outside)?.[1];
}

function capture(): Origin {
  const made: Origin = {};
  const { captureStackTrace } = Error as { captureStackTrace?: (target: object, below?: unknown) => void };
  if (captureStackTrace === undefined) return new Error('made here');
  captureStackTrace(made, capture);
  return made;
}

/** The folder that holds the package's own modules, as stacks may have it. */
const HERE = [new URL('..', import.meta.url).href, decodeURIComponent(new URL('..', import.meta.url).pathname)];
