import { Observable } from 'rxjs';

/** What happened to the arguments below: nothing may, before the operator is subscribed. */
export const touched: string[] = [];

/** A function that no check may call. */
export function untouchedFn(): void {
  touched.push('a function was called');
}

/** An Observable that no check may subscribe. */
export const untouched$ = new Observable<never>((subscriber) => {
  touched.push('an Observable was subscribed');
  subscriber.complete();
});

/** An iterable that no check may iterate. */
export const untouchedIterable: Iterable<never> = {
  [Symbol.iterator]: () => {
    touched.push('an iterable was iterated');
    return [][Symbol.iterator]();
  },
};
