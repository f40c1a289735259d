import { filter, map, scan } from 'rxjs';
import { afterEach, describe, expect, expectTypeOf, test } from 'vitest';
import { operate } from '../../src/core/operate.ts';
import { Stage, type Connection } from '../../src/core/stage.ts';
import { workerPool } from '../../src/operators/workerPool.ts';
import { forEach } from '../../src/sinks/forEach.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { conform, type Check } from '../../src/testing/conform.ts';
import { ConformanceError } from '../../src/testing/conform/ConformanceError.ts';
import { RULES } from '../../src/testing/conform/rules.ts';
import { noLeaks } from '../../src/testing/noLeaks.ts';
import { operatorSink } from '../conformance/operatorSink.ts';
import { thrownBy } from '../operators/badOptions.ts';
import { brokenOperators } from './brokenOperators.ts';
import { brokenSinks } from './brokenSinks.ts';
import { brokenSources, rightSource } from './brokenSources.ts';
import { clearLeftTimers } from './leftTimers.ts';

/** What the checks say that fail: all of them, or those of one rule. */
async function failuresOf(checks: readonly Check[], rule?: string): Promise<ConformanceError[]> {
  const failures: ConformanceError[] = [];
  for (const check of checks.filter((it) => rule === undefined || it.rule === rule)) {
    try {
      await check.run();
    } catch (error) {
      if (!(error instanceof ConformanceError)) throw error;
      failures.push(error);
    }
  }
  return failures;
}

const rulesOf = (checks: readonly Check[]): string[] => [...new Set(checks.map(({ rule }) => rule))];

// Where a check in real time fails, it has waited in vain for some seconds.
const PATIENCE = 60_000;

afterEach(clearLeftTimers);

describe('an operator that', () => {
  test.each(brokenOperators)(
    '$name breaks $rule',
    async ({ name, rule, blames, factory, promises }) => {
      const failures = await failuresOf(conform(factory, { kind: 'operator', name, ...promises }), rule);
      expect(failures.map((failure) => failure.rule)).toContain(blames ?? rule);
    },
    PATIENCE,
  );
});

describe('a source that', () => {
  test.each(brokenSources)('$name breaks $rule', async ({ name, rule, blames, factory, promises }) => {
    const failures = await failuresOf(conform(factory, { kind: 'source', name, ...promises }), rule);
    expect(failures.map((failure) => failure.rule)).toContain(blames ?? rule);
  });
});

describe('a sink that', () => {
  test.each(brokenSinks)(
    '$name breaks $rule',
    async ({ name, rule, blames, factory, promises }) => {
      const failures = await failuresOf(conform(factory, { kind: 'sink', name, bound: 3, ...promises }), rule);
      expect(failures.map((failure) => failure.rule)).toContain(blames ?? rule);
    },
    PATIENCE,
  );
});

/** The rules that some of these break, or are blamed for. */
const brokenBy = (fakes: readonly { readonly rule: string; readonly blames?: string }[]): string[] => {
  const rules = fakes.flatMap(({ rule, blames }) => (blames === undefined ? [rule] : [rule, blames]));
  return [...new Set(rules)].toSorted();
};

describe('nothing passes a check because it sees nothing: there is something that breaks', () => {
  test('every rule, among the operators', () => {
    expect(brokenBy(brokenOperators)).toEqual(Object.keys(RULES).toSorted());
  });

  test('every rule for sources', () => {
    const rules = rulesOf(conform(rightSource, { kind: 'source', name: 'made' }));
    expect(rules.filter((rule) => !brokenBy(brokenSources).includes(rule))).toEqual([]);
  });

  test('every rule for sinks', () => {
    const sink = operatorSink((to) => forEach(to.write));
    const rules = rulesOf(conform(sink, { kind: 'sink', name: 'forEach', bound: 3 }));
    expect(rules.filter((rule) => !brokenBy(brokenSinks).includes(rule))).toEqual([]);
  });
});

/** A stage as a user writes one: pairs, and at the end what is left over. */
class Pairs<T> extends Stage<T, T[]> {
  constructor(connection: Connection<T[]>) {
    super(connection, { name: 'pairs', bound: 2 });
  }

  protected override step(): boolean {
    if (this.waiting.length < (this.inputEnded ? 1 : 2)) return false;
    const pair = [this.waiting.shift() as T];
    if (this.waiting.length > 0) pair.push(this.waiting.shift() as T);
    this.telemetry.completed += pair.length;
    this.deliver(pair);
    return true;
  }
}

const pairs = <T>() => operate<T, T[]>((connection) => new Pairs<T>(connection));
const double = () => operate<number, number>(({ out }) => ({ next: (n) => out.next(n * 2) }));

describe('every check passes for', () => {
  test('an operator written with operate', async () => {
    const checks = conform(() => double(), {
      kind: 'operator',
      name: 'double',
      bound: 0,
      item: Number,
      contents: (n) => [n / 2],
      falsy: [],
    });
    expect(await failuresOf(checks)).toEqual([]);
  });

  test('a stage of one’s own', async () => {
    const checks = conform(() => pairs<unknown>(), {
      kind: 'operator',
      name: 'pairs',
      bound: 2,
      contents: (pair) => pair,
    });
    expect(await failuresOf(checks)).toEqual([]);
  });

  test.each([
    ['map', map((x: unknown) => x)],
    ['filter', filter(() => true)],
    ['scan', scan((_, x: unknown) => x)],
  ])('an operator of RxJS that holds nothing: %s', async (name, operator) => {
    expect(await failuresOf(conform(() => operator, { kind: 'operator', name, bound: 0 }))).toEqual([]);
  });

  test('a source written with demand', async () => {
    expect(await failuresOf(conform(rightSource, { kind: 'source', name: 'made' }))).toEqual([]);
  });

  test('a source, each check under noLeaks', { timeout: PATIENCE }, async () => {
    for (const { run } of conform(rightSource, { kind: 'source', name: 'made' })) await noLeaks(run);
  });

  test(
    'a sink',
    async () => {
      const checks = conform(
        operatorSink((to) => forEach(to.write)),
        { kind: 'sink', name: 'forEach', bound: 3 },
      );
      expect(await failuresOf(checks)).toEqual([]);
    },
    PATIENCE,
  );
});

/** The first thing that the checks of a rule say about one of the broken operators. */
const failure = async (rule: string, name: string): Promise<ConformanceError> => {
  const { factory, promises } = brokenOperators.find((it) => it.name === name)!;
  const [first] = await failuresOf(conform(factory, { kind: 'operator', name: 'broken', ...promises }), rule);
  return first!;
};

describe('a failure', () => {
  test('says which rule is broken, where, what was to be, what was seen, what led to it and what usually causes it', async () => {
    const error = await failure('R-15', 'holds errors back behind a closed gate');
    expect(error.message).toMatchInlineSnapshot(`
      "R-15: An error passes a closed gate at once, and so does completion when nothing is held.
        checked:  R-15: broken: the source fails while the gate below is closed
        expected: the end of the flow: "failed"
        seen:     "none"
        log:      consumer after 0 closes its gate
                  source is subscribed
                  source has 0 items more
                  source is to fail now
                  source fails
                  source is unsubscribed
        usually:  the end queues behind the values that wait for the gate."
    `);
    expect([error.name, error.code, error.rule]).toEqual(['ConformanceError', 'ERR_CONFORMANCE', 'R-15']);
  });

  test('names an exception that nobody expects, and has it for its cause', async () => {
    const cause = new Error('the factory fails');
    const throws = (): never => {
      throw cause;
    };
    const [error] = await failuresOf(conform(throws, { kind: 'operator', name: 'thrower', bound: 0 }), 'R-03');
    expect(error!.message).toContain('the factory fails');
    expect(error!.cause).toBe(cause);
  });

  test('is not longer than some dozen lines, also after a hundred thousand items', async () => {
    const error = await failure('R-22', 'recurses where works end synchronously');
    expect(error.message.split('\n').length).toBeLessThan(50);
    expect(error.message).toMatch(/\.\.\. \d+ lines more \.\.\./);
    expect(error.message.length).toBeLessThan(6_000);
  });

  test('of a random schedule names its seed, and comes again', async () => {
    const [first, second] = [
      await failure('R-12', 'does not notice that the gate opens'),
      await failure('R-12', 'does not notice that the gate opens'),
    ];
    expect(first.log[0]).toMatch(/^schedule has seed \d+$/);
    expect(second.message).toBe(first.message);
  });
});

describe('the list of checks', () => {
  test('leaves out the rules about what is not promised', () => {
    const plain = rulesOf(conform(() => map((x: unknown) => x), { kind: 'operator', name: 'plain', bound: 0 }));
    const pool = rulesOf(
      conform((fn) => workerPool(fn), {
        kind: 'operator',
        name: 'pool',
        bound: 3,
        concurrency: 1,
        order: 'completion',
      }),
    );
    for (const rule of ['R-17', 'R-24', 'R-36', 'R-50']) expect(plain).not.toContain(rule);
    for (const rule of ['R-17', 'R-24', 'R-30', 'R-42']) expect(pool).toContain(rule);
    const events = conform((items) => fromIterable(items), { kind: 'source', name: 'events', isPausable: false });
    for (const rule of ['R-10', 'R-12', 'R-16']) expect(rulesOf(events)).not.toContain(rule);
  });

  test('has a title for each that begins with its rule, and none twice', () => {
    const checks = conform((fn) => workerPool(fn), { kind: 'operator', name: 'pool', bound: 3, concurrency: 1 });
    for (const { rule, title } of checks) expect(title).toMatch(new RegExp(`^${rule}: pool: .`));
    expect(new Set(checks.map(({ title }) => title)).size).toBe(checks.length);
  });
});

const operator = () => map((x: unknown) => x);

describe('what is promised', () => {
  test.each([
    ['capabilities', operator, undefined],
    ['capabilities', operator, 5],
    ['factory', 'workerPool', { kind: 'operator', name: 'x', bound: 1 }],
    ['kind', operator, { kind: 'stage', name: 'x', bound: 1 }],
    ['name', operator, { kind: 'operator', bound: 1 }],
    ['bound', operator, { kind: 'operator', name: 'x' }],
    ['bound', operator, { kind: 'operator', name: 'x', bound: -1 }],
    ['concurrency', operator, { kind: 'operator', name: 'x', bound: 1, concurrency: 0 }],
    ['order', operator, { kind: 'operator', name: 'x', bound: 1, order: 'any' }],
    ['options', operator, { kind: 'operator', name: 'x', bound: 1, concurency: 2 }],
    ['slack', operator, { kind: 'source', name: 'x', slack: -1 }],
    ['receivers', operator, { kind: 'source', name: 'x', receivers: 'all' }],
    ['bound', operator, { kind: 'sink', name: 'x' }],
    ['onError', operator, { kind: 'operator', name: 'x', bound: 1, concurrency: 1, onError: 'Skip' }],
    ['failure', operator, { kind: 'operator', name: 'x', bound: 1, concurrency: 1, onError: 'emit' }],
    ['failure', operator, { kind: 'operator', name: 'x', bound: 1, concurrency: 1, failure: 5 }],
    ['takes', operator, { kind: 'operator', name: 'x', bound: 1, concurrency: 1, takes: ['promises'] }],
    ['takes', operator, { kind: 'operator', name: 'x', bound: 1, concurrency: 1, takes: 'promise' }],
    ['falsy', operator, { kind: 'operator', name: 'x', bound: 1, concurrency: 1, falsy: 0 }],
    ['drops', operator, { kind: 'operator', name: 'x', bound: 1, concurrency: 1, drops: 'latest' }],
    ['overflowLimit', operator, { kind: 'operator', name: 'x', bound: 1, concurrency: 1, overflowLimit: NaN }],
    ['burst', operator, { kind: 'operator', name: 'x', bound: 1, concurrency: 1, burst: 0 }],
    ['chain', operator, { kind: 'operator', name: 'x', bound: 1, concurrency: 1, chain: 1.5 }],
    ['isAsync', operator, { kind: 'operator', name: 'x', bound: 1, concurrency: 1, isAsync: 'no' }],
    ['time', operator, { kind: 'operator', name: 'x', bound: 1, concurrency: 1, time: 5 }],
    ['time', operator, { kind: 'operator', name: 'x', bound: 1, concurrency: 1, time: { delay: 5 } }],
    ['pulls', operator, { kind: 'source', name: 'x', pulls: 'yes' }],
    ['isPausable', operator, { kind: 'source', name: 'x', isPausable: 0 }],
    ['failsWith', operator, { kind: 'source', name: 'x', failsWith: 'error' }],
    ['failing', operator, { kind: 'source', name: 'x', failing: true }],
    ['resources', operator, { kind: 'source', name: 'x', resources: 0 }],
    ['falsy', operator, { kind: 'source', name: 'x', falsy: {} }],
    ['failsWith', operator, { kind: 'sink', name: 'x', bound: 1, failsWith: 'error' }],
    ['isPulled', operator, { kind: 'sink', name: 'x', bound: 1, isPulled: 1 }],
    ['keepsOverrun', operator, { kind: 'sink', name: 'x', bound: 1, keepsOverrun: 1 }],
    ['written', operator, { kind: 'sink', name: 'x', bound: 1, written: [] }],
    ['resources', operator, { kind: 'sink', name: 'x', bound: 1, resources: 0 }],
  ])('is refused at once where "%s" is wrong', (option, factory, capabilities) => {
    const error = thrownBy(() => conform(factory as never, capabilities as never)) as Error & { option?: string };
    expect(error.message).toMatch(/^conform\(\): "/);
    expect(error.option).toBe(option);
  });

  test('has the types of what the factory makes', () => {
    expectTypeOf(
      conform(() => map((n: number) => String(n)), {
        kind: 'operator',
        name: 'text',
        bound: 0,
        item: Number,
        contents: (text) => [text.length],
      }),
    ).toEqualTypeOf<Check[]>();
    // @ts-expect-error -- without its bound nothing can be said about an operator
    expect(() => conform(operator, { kind: 'operator', name: 'x' })).toThrow('bound');
  });
});
