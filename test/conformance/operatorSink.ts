import type { OperatorFunction } from 'rxjs';
import type { Destination, SinkFactory } from '../../src/testing/conform.ts';

/** A sink that is an operator, as `conform` wants it: done when what it gives completes, cancelled by unsubscribing that. */
export function operatorSink<T, W>(
  make: (destination: Destination<W>) => OperatorFunction<T, unknown>,
): SinkFactory<T, W> {
  return (source$, destination) => {
    let isCancelled = false;
    let cancel = (): void => void (isCancelled = true);
    const done = new Promise<void>((resolve, reject) => {
      const subscription = source$.pipe(make(destination)).subscribe({ error: reject, complete: resolve });
      cancel = () => subscription.unsubscribe();
      // It may have been asked for from within the call that subscribes.
      if (isCancelled) cancel();
    });
    return { done, cancel: () => cancel() };
  };
}
