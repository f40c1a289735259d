import { NEVER, defer, of, throwError, type Observable } from 'rxjs';
import { allOf } from '../../src/operators/allOf.ts';
import { bestEffort } from '../../src/operators/bestEffort.ts';
import { circuitBreaker } from '../../src/operators/circuitBreaker.ts';
import { hedge } from '../../src/operators/hedge.ts';
import { quorum } from '../../src/operators/quorum.ts';
import type { QuorumError } from '../../src/operators/QuorumError.ts';
import { CircuitBreaker } from '../../src/sync/CircuitBreaker.ts';
import { conform, type Check } from '../../src/testing/conform.ts';
import { withoutFloods, type Suites } from './suites.ts';

/** A breaker that never opens: one that is open fails every call, as tests of its own say. */
const lenient = (): CircuitBreaker => new CircuitBreaker({ isIgnored: () => true });

/** A breaker that opens with the first failure. */
const strict = (): CircuitBreaker => new CircuitBreaker({ consecutiveFailures: 1, openFor: 5 });

/** One that is open, and lets the first call go on after 5 ms. */
function open(): CircuitBreaker {
  const breaker = strict();
  breaker.tryBegin()?.fail(new Error('the call before'));
  return breaker;
}

/** Its first attempt never answers, so that all items come by the second. */
const answeredLate = (source: Observable<unknown>): Observable<unknown> =>
  defer(() => {
    let attempts = 0;
    return defer(() => (attempts++ === 0 ? NEVER : source)).pipe(hedge({ after: 1 }));
  });

/** The checks without those that count on the source being subscribed at once, or while the gate below is closed. */
const whereSubscribedLater = (checks: readonly Check[], isHeldBack: boolean): Check[] =>
  withoutFloods(checks).filter(({ title }) => !(isHeldBack ? HELD_BACK : LATER).test(title));
const LATER = /R-15: .* the source fails|R-41: .* before the first item/;
const HELD_BACK = /R-14|R-15|R-35|R-41: .* before the first item/;

const passes = { kind: 'operator', bound: 0 } as const;
const single = { kind: 'source', pulls: false, isSingle: true } as const;

/** What guards a call, put around a whole stream, which it has to leave as it is; and what makes one value of several tasks. */
export const resilienceSuites: Suites = {
  circuitBreaker: [
    conform(() => circuitBreaker(lenient()), { ...passes, name: 'circuitBreaker(fail)' }),
    conform(() => circuitBreaker(lenient(), { whenOpen: 'pause' }), { ...passes, name: 'circuitBreaker(pause)' }),
    withoutFloods(
      conform(() => circuitBreaker(strict(), { whenOpen: 'pause' }), {
        ...passes,
        name: 'circuitBreaker(opened by a failure)',
        time: {},
      }),
    ),
    whereSubscribedLater(
      conform(() => circuitBreaker(open(), { whenOpen: 'pause' }), {
        ...passes,
        name: 'circuitBreaker(open at first)',
        time: {},
      }),
      false,
    ),
  ],
  hedge: [
    // So late that nothing is asked twice.
    conform(() => hedge({ after: 2 ** 31 - 1 }), { ...passes, name: 'hedge' }),
    // Attempts begin wherever a check lets time pass before the first item.
    withoutFloods(
      conform(() => hedge({ after: 1, max: 3 }), {
        ...passes,
        name: 'hedge(up to three)',
        time: { delay: (after) => hedge({ after }) },
      }),
    ),
    whereSubscribedLater(
      conform(() => answeredLate, { ...passes, name: 'hedge(the second answers)', time: {} }),
      true,
    ),
    conform(() => hedge({ after: 'p95' }), { ...passes, name: 'hedge(p95)' }),
  ],
  quorum: [
    conform((items) => quorum(1, [of([...items][0])]), {
      ...single,
      name: 'quorum',
      contents: ({ values }) => values,
      failing: (_, error) => quorum(1, [throwError(() => error)]),
      reason: (error) => (error as QuorumError).errors[0],
    }),
    conform((items) => quorum(1, [Promise.resolve([...items][0]), Promise.resolve('late')]), {
      ...single,
      name: 'quorum(promises)',
      isAsync: true,
      contents: ({ values }) => values,
      failing: (_, error) => quorum(2, [Promise.reject(error), Promise.resolve('in time')]),
      reason: (error) => (error as QuorumError).errors[0],
    }),
  ],
  bestEffort: [
    conform((items) => bestEffort([throwError(() => 'fails'), of([...items][0])]), {
      ...single,
      name: 'bestEffort',
      contents: ({ values }) => values,
      failing: false,
    }),
  ],
  allOf: [
    conform((items) => allOf([of([...items][0])], { concurrency: 1 }), {
      ...single,
      name: 'allOf',
      contents: (values) => values,
      failing: (_, error) => allOf([of('first'), throwError(() => error)]),
    }),
    conform((items) => allOf([Promise.resolve([...items][0])]), {
      ...single,
      name: 'allOf(promises)',
      isAsync: true,
      contents: (values) => values,
      failing: (_, error) => allOf([Promise.resolve('first'), Promise.reject(error)]),
    }),
  ],
};
