import { of, throwError } from 'rxjs';
import { allOf } from '../../src/operators/allOf.ts';
import { bestEffort } from '../../src/operators/bestEffort.ts';
import { circuitBreaker } from '../../src/operators/circuitBreaker.ts';
import { hedge } from '../../src/operators/hedge.ts';
import { quorum } from '../../src/operators/quorum.ts';
import type { QuorumError } from '../../src/operators/QuorumError.ts';
import { CircuitBreaker } from '../../src/sync/CircuitBreaker.ts';
import { conform } from '../../src/testing/conform.ts';
import type { Suites } from './suites.ts';

/** A breaker that never opens: what it does when it is open has tests of its own. */
const lenient = (): CircuitBreaker => new CircuitBreaker({ isIgnored: () => true });

const passes = { kind: 'operator', bound: 0 } as const;
const single = { kind: 'source', pulls: false, isSingle: true } as const;

/** What guards a call, put around a whole stream, which it has to leave as it is; and what makes one value of several tasks. */
export const resilienceSuites: Suites = {
  circuitBreaker: [
    conform(() => circuitBreaker(lenient()), { ...passes, name: 'circuitBreaker(fail)' }),
    conform(() => circuitBreaker(lenient(), { whenOpen: 'pause' }), { ...passes, name: 'circuitBreaker(pause)' }),
  ],
  hedge: [
    // So late that nothing is asked twice: a second attempt is a second subscription, which has tests of its own.
    conform(() => hedge({ after: 2 ** 31 - 1 }), { ...passes, name: 'hedge' }),
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
