import { holds } from '../core/options.ts';

/** How an emitter's methods are called. */
export interface EmitterMethods {
  readonly add: 'on' | 'addListener' | 'addEventListener';
  readonly remove: 'off' | 'removeListener' | 'removeEventListener';
}

/** How listeners are added to `emitter`, or `undefined` if it is neither an event emitter nor an event target. */
export function emitterMethods(emitter: unknown): EmitterMethods | undefined {
  const owner = emitter as Record<string, unknown>;
  return KINDS.find(({ add, remove }) =>
    holds(() => typeof owner[add] === 'function' && typeof owner[remove] === 'function'),
  );
}

/** In this order: what has both kinds, as some classes of Node.js and `ws` do, gives the values and not an `Event` around them. */
const KINDS: readonly EmitterMethods[] = [
  { add: 'on', remove: 'off' },
  { add: 'addListener', remove: 'removeListener' },
  { add: 'addEventListener', remove: 'removeEventListener' },
];
