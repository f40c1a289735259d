import { isDeepStrictEqual } from 'node:util';
import { isMessageList, type Message } from './Message.ts';

/** Whether two values are equal in all their parts; of inner Observables, whether all that they did is equal. */
export function sameValue(a: unknown, b: unknown): boolean {
  try {
    if (!isMessageList(a) || !isMessageList(b)) return isDeepStrictEqual(a, b);
    return a.length === b.length && a.every((message, i) => sameMessage(message, b[i]!));
  } catch {
    // What cannot be looked at (a getter that throws, a revoked proxy) is equal to itself alone.
    return Object.is(a, b);
  }
}

/** Whether the same happened at the same frame. */
export function sameMessage(a: Message, b: Message): boolean {
  if (a.frame !== b.frame) return false;
  const [one, other] = [a.notification, b.notification];
  if (one.kind === 'N') return other.kind === 'N' && sameValue(one.value, other.value);
  if (one.kind === 'E') return other.kind === 'E' && sameValue(one.error, other.error);
  return one.kind === other.kind;
}
