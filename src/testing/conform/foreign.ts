import { from, observable, type Observable, type Observer } from 'rxjs';

/** An Observable of another library, which hands on whatever `subscribe` does, and adds nothing to it. */
export function foreign(subscribe: (observer: Observer<unknown>) => () => void): Observable<unknown> {
  const made = { subscribe: (observer: Observer<unknown>) => ({ unsubscribe: subscribe(observer) }) };
  // oxlint-disable-next-line typescript/no-deprecated -- other libraries have to know this symbol too
  return from({ [observable]: () => made } as unknown as Observable<unknown>);
}
