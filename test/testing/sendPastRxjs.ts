import type { Subscriber } from 'rxjs';

/** What an RxJS subscriber keeps of an observer that a consumer gave. */
interface Guarded {
  readonly destination?: { readonly partialObserver?: { next?(value: unknown): void } };
}

/** Sends a value to the consumer itself, where that is a plain observer, and takes what it throws for an error of the flow. */
export function sendPastRxjs(out: Subscriber<unknown>, value: unknown): void {
  const consumer = (out as unknown as Guarded).destination?.partialObserver;
  try {
    if (consumer?.next === undefined) out.next(value);
    else consumer.next(value);
  } catch (error) {
    out.error(error);
  }
}
