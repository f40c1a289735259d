import { timer } from 'rxjs';

/** A promise in virtual time, which promises of the language know nothing of. */
export function inVirtualTime<T>(frames: number, value: () => T): PromiseLike<T> {
  return {
    // oxlint-disable-next-line unicorn/no-thenable -- that is what it is to be
    then(resolve, reject) {
      timer(frames).subscribe(() => {
        let answer: T;
        try {
          answer = value();
        } catch (error) {
          void reject?.(error);
          return;
        }
        void resolve?.(answer);
      });
      return new Promise<never>(() => {});
    },
  };
}
