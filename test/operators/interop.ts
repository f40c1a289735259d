import type { Observable } from 'rxjs';

/** An Observable of another library, as RxJS sees it: no `instanceof Observable`, but it says how to be subscribed. */
export function interop<T>(source: Observable<T>): Observable<T> {
  const foreign = { subscribe: (observer: never) => source.subscribe(observer) };
  return { [Symbol.observable ?? '@@observable']: () => foreign } as unknown as Observable<T>;
}
