import { CircuitBreaker } from 'sluice';
import type { Table } from '../Table.ts';

const fails = async () => Promise.reject(new Error('no'));
const works = async (n: number) => {
  await Promise.resolve();
  return n;
};
const ignore = () => {};

/** Makes so many calls one after the other, each of which may be refused. */
async function calls(items: number, call: (n: number) => PromiseLike<unknown>): Promise<void> {
  for (let n = 0; n < items; n++) await call(n).then(ignore, ignore);
}

async function cockatiel() {
  const { circuitBreaker, ConsecutiveBreaker, handleAll } = await import('cockatiel');
  return circuitBreaker(handleAll, { halfOpenAfter: 600_000, breaker: new ConsecutiveBreaker(1) });
}

async function opossum(action: (n: number) => Promise<number>) {
  const { default: Opossum } = await import('opossum');
  return new Opossum(action, { timeout: false, resetTimeout: 600_000, errorThresholdPercentage: 1 });
}

/** What it takes to be told no. */
export const openCircuit: Table = {
  title: 'circuit breakers: a call that is refused',
  items: 100_000,
  base: 'a promise that rejects',
  claims: [{ row: 'CircuitBreaker', atMost: 2_000 }],
  contenders: {
    'a promise that rejects': { run: async (items) => calls(items, fails) },
    CircuitBreaker: {
      ours: true,
      run: async (items) => {
        const breaker = new CircuitBreaker({ consecutiveFailures: 1, openFor: 600_000 });
        await breaker.call(fails).catch(ignore);
        await calls(items, async (n) => breaker.call(async () => works(n)));
      },
    },
    cockatiel: {
      run: async (items) => {
        const policy = await cockatiel();
        await policy.execute(fails).catch(ignore);
        await calls(items, async (n) => policy.execute(async () => works(n)));
      },
    },
    opossum: {
      run: async (items) => {
        const breaker = await opossum(async (n) => (n < 0 ? fails() : works(n)));
        await breaker.fire(-1).catch(ignore);
        await calls(items, async (n) => breaker.fire(n));
        breaker.shutdown();
      },
    },
  },
};

/** What a call costs that goes through. */
export const closedCircuit: Table = {
  title: 'circuit breakers: a call that is made (await one microtask)',
  items: 100_000,
  base: 'the call itself',
  claims: [],
  contenders: {
    'the call itself': { run: async (items) => calls(items, works) },
    CircuitBreaker: {
      ours: true,
      run: async (items) => {
        const breaker = new CircuitBreaker({ consecutiveFailures: 1 });
        await calls(items, async (n) => breaker.call(async () => works(n)));
      },
    },
    cockatiel: {
      run: async (items) => {
        const policy = await cockatiel();
        await calls(items, async (n) => policy.execute(async () => works(n)));
      },
    },
    opossum: {
      run: async (items) => {
        const breaker = await opossum(works);
        await calls(items, async (n) => breaker.fire(n));
        breaker.shutdown();
      },
    },
  },
};
