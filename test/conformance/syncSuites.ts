import { withPermit } from '../../src/operators/withPermit.ts';
import { Semaphore } from '../../src/sync/Semaphore.ts';
import { conform } from '../../src/testing/conform.ts';
import { withoutFloods, type Suites } from './suites.ts';

/** Shared by all checks: one that kept a permit would leave too few for those after it. */
const shared = new Semaphore(3);

// To subscribe through one takes as much of the stack as through four stock operators.
const chain = 100;

export const syncSuites: Suites = {
  withPermit: [
    conform(() => withPermit(new Semaphore(1)), {
      kind: 'operator',
      name: 'withPermit(a semaphore each)',
      bound: 0,
      chain,
    }),
    // A chain of them would wait for itself, since each has a permit of its own.
    conform(() => withPermit(shared), {
      kind: 'operator',
      name: 'withPermit(a shared semaphore)',
      bound: 0,
      chain: 0,
    }),
    withoutFloods(
      conform(() => withPermit(new Semaphore(5), 5), {
        kind: 'operator',
        name: 'withPermit(all permits)',
        bound: 0,
        chain,
      }),
    ),
  ],
};
