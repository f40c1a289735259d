/** What is remembered of one key. Times are those of the clock. */
export interface Entry<V> {
  readonly outcome: { readonly value: V } | { readonly error: unknown };
  readonly freshUntil: number;
  readonly staleUntil: number;
  /** Before that no refresh is tried again. */
  refreshFrom: number;
}

/** What is told to whoever asks. */
export function tell<V>({ outcome }: Entry<V>): Promise<V> {
  return 'value' in outcome ? Promise.resolve(outcome.value) : rejected(outcome.error);
}

/** A promise that rejects with whatever it is. */
export function rejected(error: unknown): Promise<never> {
  return new Promise((_, reject) => {
    reject(error);
  });
}
