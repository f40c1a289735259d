import { map, retry, timer } from 'rxjs';
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { backoff } from '../../src/sync/backoff.ts';
import { CircuitBreaker, type CircuitBreakerOptions, type CircuitChange } from '../../src/sync/CircuitBreaker.ts';
import { CircuitOpenError } from '../../src/sync/CircuitOpenError.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { thrownBy } from '../operators/badOptions.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** One call that ends at once: `s` succeeds, `f` fails, `i` is given up. Says whether it was admitted. */
function call(breaker: CircuitBreaker, how: string, error: unknown = how): boolean {
  const permit = breaker.tryBegin();
  if (how === 's') permit?.succeed();
  else if (how === 'f') permit?.fail(error);
  else permit?.ignore();
  return permit !== undefined;
}

/** Several calls; the state after each: `c`, `o` or `h`. */
const states = (breaker: CircuitBreaker, calls: string): string =>
  [...calls].map((how) => (call(breaker, how), breaker.state[0])).join('');

/** Makes a breaker in virtual time, and calls and states as marbles. */
function scene(
  options: CircuitBreakerOptions,
  calls: string,
  expected: { state?: string; made?: string; changes?: string },
): void {
  marbles(({ hot, expectObservable }) => {
    const changed: string[] = [];
    const breaker = new CircuitBreaker({
      ...options,
      onStateChange: ({ to, reason }) => changed.push(`${to} (${reason})`),
    });
    const results = hot(calls).pipe(map((how) => (call(breaker, how) ? 'y' : 'n')));
    if (expected.made === undefined) results.subscribe();
    else expectObservable(results).toBe(expected.made);
    // Looked at after what was called in the same frame.
    const looks = hot(expected.state ?? '').pipe(map(() => breaker.state[0]!));
    if (expected.state !== undefined) expectObservable(looks).toBe(expected.state);
    if (expected.changes !== undefined) {
      timer(1000).subscribe(() => expect(changed.join(', ')).toBe(expected.changes));
    }
  });
}

/** Opens, and stays so for 10 ms. */
const opened = (options: CircuitBreakerOptions = {}): CircuitBreaker => {
  const breaker = new CircuitBreaker({ consecutiveFailures: 1, openFor: 10, ...options });
  call(breaker, 'f');
  return breaker;
};

/** The least time that a thousand of them take. */
function time(make: () => unknown): number {
  let least = Infinity;
  for (let round = 0; round < 20; round++) {
    const began = performance.now();
    for (let i = 0; i < 1000; i++) make();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}

const throughJson = (breaker: CircuitBreaker) => JSON.parse(JSON.stringify(breaker));

describe('CircuitBreaker', () => {
  test('does what the diagram in its comment says', () => {
    const calls = ' ff-s----s-s-s-f';
    const state = ' co------h---c--';
    const made = '  yy-n----y-y-y-y';
    scene({ consecutiveFailures: 2, openFor: 7 }, calls, { state, made });
  });

  test('R-52: closed → open → half-open → closed, and says by which option', () => {
    scene({ window: { calls: 4 }, minimumCalls: 4, failureRate: 0.5, openFor: 5 }, 'sfsf-s---s-s-sf', {
      made: ' yyyy-n---y-y-yy',
      changes: 'open (failureRate), half-open (openFor), closed (successesToClose)',
    });
  });

  test('R-52: any failed probe opens it again, whatever went well before', () => {
    scene({ consecutiveFailures: 1, openFor: 5 }, 'f----s-s-f-s---s', {
      made: ' y----y-y-y-n---y',
      changes: 'open (consecutiveFailures), half-open (openFor), open (halfOpenProbes), half-open (openFor)',
    });
  });

  test('R-05: two breakers know nothing of each other', () => {
    const other = new CircuitBreaker({ consecutiveFailures: 1 });
    expect([opened().state, other.state]).toEqual(['open', 'closed']);
  });

  test('R-01, R-42: holds no timer, not even while it is open', () => {
    vi.useFakeTimers();
    opened();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('R-50: heeds no clock that can be set back', () => {
    const breaker = opened({ openFor: 60_000 });
    vi.spyOn(Date, 'now').mockReturnValue(2 ** 42);
    expect(breaker.state).toBe('open');
  });
});

describe('what opens it', () => {
  test('no rate counts before minimumCalls', () => {
    expect(states(new CircuitBreaker({ minimumCalls: 4 }), 'ffff')).toBe('ccco');
  });

  test('the defaults: half of at least ten calls', () => {
    expect(states(new CircuitBreaker(), 'fffffffff')).toBe('ccccccccc');
    expect(states(new CircuitBreaker(), 'fffffsssss')).toBe('ccccccccco');
    expect(states(new CircuitBreaker(), 'ffffssssss')).toBe('cccccccccc');
  });

  test('a rate that is just reached is enough', () => {
    const options = { window: { calls: 10 }, minimumCalls: 10, failureRate: 0.3 };
    expect(states(new CircuitBreaker(options), 'sfsfsfssss')).toBe('ccccccccco');
    expect(states(new CircuitBreaker(options), 'sfsfssssss')).toBe('cccccccccc');
  });

  test('a window by count forgets the oldest', () => {
    const breaker = new CircuitBreaker({ window: { calls: 4 }, minimumCalls: 4, failureRate: 0.75 });
    expect(states(breaker, 'ffsssfff')).toBe('ccccccco');
  });

  test('a window by time forgets what is older, a tenth of it at a time', () => {
    const options = { window: { ms: 100 }, minimumCalls: 3, failureRate: 1 };
    scene(options, 'f 49ms f 39ms f', { changes: 'open (failureRate)' });
    scene(options, 'f 49ms f 99ms f', { changes: '' });
    scene(options, 'f 49ms f 999ms ff', { changes: '' });
  });

  test('consecutiveFailures counts failures in a row only, and alone unless failureRate is given, too', () => {
    expect(states(new CircuitBreaker({ consecutiveFailures: 3 }), 'ffsffsffsffsfff')).toBe(
      'ccccccccccccco'.padStart(15, 'c'),
    );
    expect(states(new CircuitBreaker({ consecutiveFailures: 3, failureRate: 0.5 }), 'ffsffsffsf')).toBe('ccccccccco');
  });

  test('slow calls open it, also if they go well', () => {
    marbles(() => {
      const changes: CircuitChange[] = [];
      const breaker = new CircuitBreaker({
        window: { calls: 4 },
        minimumCalls: 4,
        slowCallDuration: 5,
        slowCallRate: 0.5,
        onStateChange: (change) => changes.push(change),
      });
      for (const duration of [4, 5, 1, 9]) {
        const permit = breaker.tryBegin();
        timer(duration).subscribe(() => permit!.succeed());
      }
      timer(20).subscribe(() => expect(changes).toEqual([{ from: 'closed', to: 'open', reason: 'slowCallRate' }]));
    });
  });

  test('a probe that is slow counts as failed', () => {
    marbles(() => {
      const breaker = opened({ slowCallDuration: 5 });
      timer(10).subscribe(() => {
        const permit = breaker.tryBegin();
        timer(5).subscribe(() => {
          permit!.succeed();
          expect(breaker.state).toBe('open');
        });
      });
    });
  });

  test('isFailure: an error that is none counts as a success', () => {
    const breaker = new CircuitBreaker({ consecutiveFailures: 2, isFailure: (error) => error !== 404 });
    call(breaker, 'f', 500);
    call(breaker, 'f', 404);
    call(breaker, 'f', 500);
    expect(breaker.state).toBe('closed');
    call(breaker, 'f', 500);
    expect(breaker.state).toBe('open');
  });

  test('isIgnored: a call counts as nothing, and is asked first', () => {
    const isFailure = vi.fn(() => true);
    const breaker = new CircuitBreaker({ consecutiveFailures: 2, isIgnored: (error) => error === 'quit', isFailure });
    for (const error of ['bad', 'quit', 'quit']) call(breaker, 'f', error);
    expect([breaker.state, isFailure.mock.calls]).toEqual(['closed', [['bad']]]);
    call(breaker, 'f', 'bad');
    expect(breaker.state).toBe('open');
  });

  test('R-37: isFailure and isIgnored are asked once a failure, and not for a call that counts no more', () => {
    const isFailure = vi.fn(() => true);
    const isIgnored = vi.fn(() => false);
    const breaker = new CircuitBreaker({ consecutiveFailures: 1, isFailure, isIgnored });
    const [late, first] = [breaker.tryBegin()!, breaker.tryBegin()!];
    first.fail('bad');
    first.fail('again');
    late.fail('late');
    expect([isFailure.mock.calls, isIgnored.mock.calls]).toEqual([[['bad']], [['bad']]]);
  });

  test('if isFailure throws, the call counts as failed, and the probe is not kept', () => {
    marbles(() => {
      const own = new Error('own');
      const breaker = opened({
        isFailure: (error) => {
          if (error === 'odd') throw own;
          return true;
        },
      });
      timer(10).subscribe(() => {
        const probe = breaker.tryBegin()!;
        expect(thrownBy(() => probe.fail('odd'))).toBe(own);
        expect(breaker.state).toBe('open');
      });
    });
  });
});

describe('R-52: calls that began in an earlier state', () => {
  test('a failure from before it opened does not open it longer', () => {
    marbles(() => {
      const breaker = new CircuitBreaker({ consecutiveFailures: 1, openFor: 10 });
      const [late, first] = [breaker.tryBegin()!, breaker.tryBegin()!];
      first.fail('bad');
      timer(5).subscribe(() => late.fail('bad'));
      timer(10).subscribe(() => expect(breaker.state).toBe('half-open'));
    });
  });

  test('neither closes nor opens it while it is half-open, nor frees a probe', () => {
    marbles(() => {
      const breaker = new CircuitBreaker({ consecutiveFailures: 1, openFor: 10, successesToClose: 1 });
      const [a, b, first] = [breaker.tryBegin()!, breaker.tryBegin()!, breaker.tryBegin()!];
      first.fail('bad');
      timer(10).subscribe(() => {
        const probe = breaker.tryBegin()!;
        a.succeed();
        b.fail('bad');
        expect([breaker.state, breaker.tryBegin()]).toEqual(['half-open', undefined]);
        probe.succeed();
        expect(breaker.state).toBe('closed');
      });
    });
  });

  test('a probe of an earlier half-open state counts no more', () => {
    marbles(() => {
      const breaker = opened({ halfOpenProbes: 2, successesToClose: 1 });
      timer(10).subscribe(() => {
        const [slow, bad] = [breaker.tryBegin()!, breaker.tryBegin()!];
        bad.fail('bad');
        timer(10).subscribe(() => {
          expect(breaker.state).toBe('half-open');
          slow.succeed();
          expect(breaker.state).toBe('half-open');
        });
      });
    });
  });

  test('settling a permit twice counts once', () => {
    marbles(() => {
      const breaker = opened({ successesToClose: 2 });
      timer(10).subscribe(() => {
        const probe = breaker.tryBegin()!;
        probe.succeed();
        probe.succeed();
        probe.fail('no');
        probe.ignore();
        expect(breaker.state).toBe('half-open');
      });
    });
  });
});

describe('half-open', () => {
  test('R-52: never more than halfOpenProbes at once', () => {
    marbles(() => {
      const breaker = opened({ halfOpenProbes: 2, successesToClose: 9 });
      timer(10).subscribe(() => {
        const [a] = [breaker.tryBegin()!, breaker.tryBegin()!];
        expect(breaker.tryBegin()).toBe(undefined);
        a.succeed();
        expect([breaker.tryBegin() !== undefined, breaker.tryBegin()]).toEqual([true, undefined]);
      });
    });
  });

  test('a probe that is given up counts as nothing and makes room for another', () => {
    marbles(() => {
      const breaker = opened({ successesToClose: 1 });
      timer(10).subscribe(() => {
        breaker.tryBegin()!.ignore();
        expect(states(breaker, 'iis')).toBe('hhc');
      });
    });
  });

  test('when it closes, the window is empty and failures count anew', () => {
    scene(
      { consecutiveFailures: 2, failureRate: 0.9, minimumCalls: 2, openFor: 5, successesToClose: 1 },
      'ff----sf-s',
      {
        changes: 'open (consecutiveFailures), half-open (openFor), closed (successesToClose)',
      },
    );
  });

  test('openFor may be a backoff: each opening waits longer, and anew after it was closed', () => {
    const openFor = backoff({ initial: 2, jitter: 'none' });
    scene({ consecutiveFailures: 1, successesToClose: 1, openFor }, 'f-f---f-------s-f-f', {
      made: '                                                               y-y---y-------y-y-y',
    });
    scene({ consecutiveFailures: 1, successesToClose: 1, openFor }, 'f-f--sf', { made: 'y-y--ny' });
  });

  test.each(['5', NaN, -1])('a backoff of your own that gives %s is an error that says so', (ms) => {
    const breaker = new CircuitBreaker({ consecutiveFailures: 1, openFor: { delayOf: () => ms as number } });
    expect(thrownBy(() => call(breaker, 'f'))).toMatchObject({ option: 'openFor', received: ms });
  });
});

describe('call', () => {
  test('gives what the function gives, a promise or not', async () => {
    const breaker = new CircuitBreaker();
    expect([await breaker.call(() => 1), await breaker.call(async () => 2)]).toEqual([1, 2]);
  });

  test('rejects with what the function throws or rejects with, itself (R-33)', async () => {
    const breaker = new CircuitBreaker({ minimumCalls: 100 });
    for (const error of [null, undefined, 0, 'text', { a: 1 }, new Error('bad')]) {
      const seen: unknown[] = [];
      const throws = (): never => {
        throw error;
      };
      await breaker.call(throws).catch((it: unknown) => seen.push(it));
      await breaker.call(() => Promise.reject(error)).catch((it: unknown) => seen.push(it));
      expect(seen).toEqual([error, error]);
    }
  });

  test('R-52: counts, and when it is open it does not call', async () => {
    const breaker = new CircuitBreaker({ name: 'payments', consecutiveFailures: 2, openFor: 60_000 });
    const cause = new Error('down');
    const fn = vi.fn(() => Promise.reject(cause));
    for (let i = 0; i < 2; i++) await breaker.call(fn).catch(() => {});
    const error = await breaker.call(fn).catch((it: unknown) => it);
    expect(fn).toHaveBeenCalledTimes(2);
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error).toMatchObject({ code: 'ERR_CIRCUIT_OPEN', stage: 'payments', state: 'open', cause });
    expect((error as CircuitOpenError).retryAfter).toBeGreaterThan(50_000);
  });

  test('a function that changes the breaker while it is called is heeded', async () => {
    const breaker = new CircuitBreaker();
    const release: (() => void)[] = [];
    await breaker.call(() => release.push(breaker.isolate()));
    expect(breaker.state).toBe('open');
    release[0]!();
    expect(breaker.state).toBe('half-open');
  });

  test.each([undefined, null, 5, {}])('call(%s) is refused at once', (fn) => {
    expect(thrownBy(() => new CircuitBreaker().call(fn as never))).toMatchObject({ name: 'TypeError', option: 'fn' });
  });
});

describe('CircuitOpenError', () => {
  test('has no cause where no failure made the breaker open', () => {
    const isolated = new CircuitBreaker({ consecutiveFailures: 2 });
    call(isolated, 'f');
    isolated.isolate();
    expect(isolated.refusal().cause).toBeUndefined();
    const slow = new CircuitBreaker({ slowCallDuration: 0, slowCallRate: 1, minimumCalls: 2, failureRate: 1 });
    states(slow, 'fs');
    expect([slow.state, slow.refusal().cause]).toEqual(['open', undefined]);
    const probed = opened({ slowCallDuration: 0, openFor: 0 });
    expect(probed.refusal().cause).toBe('f');
    call(probed, 's');
    expect(probed.refusal().cause).toBeUndefined();
  });

  test('is an Error in all but the frames of its stack', () => {
    const error = opened({ name: 'b', openFor: 250 }).refusal();
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(CircuitOpenError);
    expect(error.message).toMatch(
      /^Circuit breaker "b" is open, so nothing was called\. Try again in \d+ ms, or wait with whenOpen: 'pause'$/,
    );
    expect(error.stack).toBe(`CircuitOpenError: ${error.message}`);
    expect(String(error)).toBe(error.stack);
    expect(error.cause).toBe('f');
  });

  test('says of an isolated breaker, and of one whose probes are under way, what it is', () => {
    marbles(() => {
      const breaker = opened({ name: 'b' });
      timer(10).subscribe(() => {
        const probe = breaker.tryBegin();
        expect(breaker.refusal()).toMatchObject({ state: 'half-open', retryAfter: undefined });
        expect(breaker.refusal().message).toContain('is half-open and its probes are under way');
        probe!.ignore();
        breaker.isolate();
        expect(breaker.refusal()).toMatchObject({ state: 'open', retryAfter: undefined });
        expect(breaker.refusal().message).toContain('is isolated, so nothing was called. Try again later');
      });
    });
  });

  test('costs a fraction of an error with a stack', () => {
    const breaker = opened({ openFor: 60_000 });
    const refuse = time(() => breaker.tryBegin() ?? breaker.refusal());
    expect(refuse).toBeLessThan(time(() => new Error('with a stack')));
  });
});

describe('onStateChange', () => {
  test('is told each change, when it has happened', () => {
    const seen: unknown[] = [];
    const breaker: CircuitBreaker = new CircuitBreaker({
      consecutiveFailures: 1,
      openFor: 0,
      successesToClose: 1,
      onStateChange: (change) => seen.push([change, change.to === 'open' ? 'open' : breaker.state]),
    });
    expect(states(breaker, 'fs')).toBe('hc');
    expect(seen).toEqual([
      [{ from: 'closed', to: 'open', reason: 'consecutiveFailures' }, 'open'],
      [{ from: 'open', to: 'half-open', reason: 'openFor' }, 'half-open'],
      [{ from: 'half-open', to: 'closed', reason: 'successesToClose' }, 'closed'],
    ]);
  });

  test('one that changes the state is told of that afterwards, in order', () => {
    const seen: string[] = [];
    let isolated = false;
    const breaker: CircuitBreaker = new CircuitBreaker({
      consecutiveFailures: 1,
      openFor: 0,
      onStateChange: ({ from, to }) => {
        seen.push(`${from} → ${to}`);
        if (to === 'half-open' && !isolated) {
          isolated = true;
          breaker.isolate()();
        }
        seen.push('told');
      },
    });
    call(breaker, 'f');
    expect(breaker.state).toBe('half-open');
    expect(seen).toEqual([
      'closed → open',
      'told',
      'open → half-open',
      'told',
      'half-open → open',
      'told',
      'open → half-open',
      'told',
    ]);
  });

  test('what it throws becomes a warning and changes nothing', () => {
    const warnings: unknown[] = [];
    vi.spyOn(hooks, 'warn').mockImplementation((...args) => void warnings.push(args));
    const breaker = opened({
      name: 'b',
      onStateChange: () => {
        throw new Error('no');
      },
    });
    expect(breaker.state).toBe('open');
    expect(warnings).toEqual([['"onStateChange" of circuit breaker "b" failed: no', 'SLUICE_CALLBACK']]);
  });
});

describe('whenAdmitting', () => {
  test('wakes at once when a call would be admitted, in the order of coming, one for each that is', () => {
    marbles(() => {
      const log: string[] = [];
      const breaker = opened({ halfOpenProbes: 2, successesToClose: 2 });
      const permits = new Map<string, { succeed(): void; ignore(): void }>();
      for (const name of ['a', 'b', 'c', 'd', 'e']) {
        breaker.whenAdmitting(() => {
          log.push(name);
          permits.set(name, breaker.tryBegin()!);
        });
      }
      timer(9).subscribe(() => expect(log).toEqual([]));
      timer(10).subscribe(() => {
        expect(log).toEqual(['a', 'b']);
        permits.get('a')!.ignore();
        expect(log).toEqual(['a', 'b', 'c']);
        permits.get('b')!.succeed();
        expect(log).toEqual(['a', 'b', 'c', 'd']);
        permits.get('c')!.succeed();
        expect([log, breaker.state]).toEqual([['a', 'b', 'c', 'd', 'e'], 'closed']);
      });
    });
  });

  test('wakes also if openFor fails when a probe has failed', () => {
    marbles(() => {
      const delays = [10, NaN];
      const breaker = opened({ openFor: { delayOf: () => delays.shift()! } });
      let woken = 0;
      timer(10).subscribe(() => {
        const probe = breaker.tryBegin()!;
        breaker.whenAdmitting(() => woken++);
        expect(thrownBy(() => probe.fail('f'))).toMatchObject({ code: 'ERR_OUT_OF_RANGE' });
        expect([breaker.state, woken]).toEqual(['half-open', 1]);
      });
    });
  });

  test('wakes at once if it is closed', () => {
    let woken = 0;
    new CircuitBreaker().whenAdmitting(() => woken++);
    expect(woken).toBe(1);
  });

  test('one that does not take its turn keeps nobody waiting', () => {
    marbles(() => {
      const log: string[] = [];
      const breaker = opened();
      breaker.whenAdmitting(() => log.push('not today'));
      breaker.whenAdmitting(() => log.push(breaker.tryBegin() === undefined ? 'refused' : 'admitted'));
      timer(10).subscribe(() => expect(log).toEqual(['not today', 'admitted']));
    });
  });

  test('R-42: its timer ends with the last that waits, and with an isolation', () => {
    vi.useFakeTimers();
    const breaker = opened({ openFor: 1000 });
    const leave = [breaker.whenAdmitting(() => {}), breaker.whenAdmitting(() => {})];
    expect(vi.getTimerCount()).toBe(1);
    const release = breaker.isolate();
    expect(vi.getTimerCount()).toBe(0);
    release();
    expect(vi.getTimerCount()).toBe(1);
    for (const each of leave) each();
    expect(vi.getTimerCount()).toBe(0);
    for (const each of leave) each();
    vi.advanceTimersByTime(1000);
    expect(breaker.state).toBe('half-open');
  });

  test('nobody passes those that wait, although nothing has looked at the time yet', () => {
    vi.useFakeTimers();
    const breaker = opened({ openFor: 1000 });
    const log: string[] = [];
    breaker.whenAdmitting(() => log.push(breaker.tryBegin() === undefined ? 'refused' : 'admitted'));
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 5000);
    expect(breaker.tryBegin()).toBe(undefined);
    expect(log).toEqual(['admitted']);
  });

  test('R-22: 20,000 that wait are woken in a flat loop', () => {
    vi.useFakeTimers();
    const breaker = opened({ successesToClose: 10_000 });
    let done = 0;
    for (let i = 0; i < 20_000; i++) {
      breaker.whenAdmitting(() => {
        done++;
        breaker.tryBegin()!.succeed();
      });
    }
    vi.advanceTimersByTime(10);
    expect([done, breaker.state]).toEqual([20_000, 'closed']);
  });
});

describe('isolate', () => {
  test('opens by hand until it is ended; then it is half-open', () => {
    const changes: CircuitChange[] = [];
    const breaker = new CircuitBreaker({ onStateChange: (change) => changes.push(change) });
    const release = breaker.isolate();
    expect([breaker.state, breaker.tryBegin()]).toEqual(['open', undefined]);
    release();
    expect(breaker.state).toBe('half-open');
    expect(changes).toEqual([
      { from: 'closed', to: 'open', reason: 'isolate' },
      { from: 'open', to: 'half-open', reason: 'isolate' },
    ]);
  });

  test('does not end by time', () => {
    marbles(() => {
      const breaker = opened();
      breaker.isolate();
      timer(10_000).subscribe(() => expect(breaker.state).toBe('open'));
    });
  });

  test('of one that is open anyway: it goes on being open for the rest of the time', () => {
    marbles(() => {
      const breaker = opened();
      const release = breaker.isolate();
      timer(5).subscribe(() => {
        release();
        expect(breaker.state).toBe('open');
      });
      timer(10).subscribe(() => expect(breaker.state).toBe('half-open'));
    });
  });

  test('by several: the last one ends it, and each only once', () => {
    const breaker = new CircuitBreaker();
    const [first, second] = [breaker.isolate(), breaker.isolate()];
    first();
    first();
    expect(breaker.state).toBe('open');
    second();
    expect(breaker.state).toBe('half-open');
  });

  test('calls that run meanwhile change nothing', () => {
    const breaker = new CircuitBreaker({ consecutiveFailures: 1, openFor: 60_000 });
    const running = breaker.tryBegin()!;
    breaker.isolate()();
    running.fail('bad');
    expect(breaker.state).toBe('half-open');
  });
});

describe('toJSON and the option state', () => {
  test('a window by count goes on where it was', () => {
    const options = { window: { calls: 4 }, minimumCalls: 4, failureRate: 0.75 };
    const breaker = new CircuitBreaker(options);
    expect(states(breaker, 'sssff')).toBe('ccccc');
    const state = throughJson(breaker);
    expect(state).toEqual({
      state: 'closed',
      openings: 0,
      remaining: 0,
      successes: 0,
      failuresInARow: 2,
      outcomes: '0011',
    });
    expect(states(new CircuitBreaker({ ...options, state }), 'f')).toBe('o');
    expect(states(new CircuitBreaker({ ...options, state }), 'sf')).toBe('co');
  });

  test('one that is smaller takes the latest, and another kind of window none', () => {
    const state = { ...new CircuitBreaker().toJSON(), outcomes: '111000' };
    const small = { window: { calls: 3 }, minimumCalls: 3, failureRate: 1 };
    expect(states(new CircuitBreaker({ ...small, state }), 'ff')).toBe('cc');
    expect(states(new CircuitBreaker({ window: { ms: 100 }, minimumCalls: 3, failureRate: 1, state }), 'fff')).toBe(
      'cco',
    );
  });

  test('a window by time keeps the ages', () => {
    marbles(() => {
      const options = { window: { ms: 100 }, minimumCalls: 3, failureRate: 1 };
      const breaker = new CircuitBreaker(options);
      call(breaker, 'f');
      timer(50).subscribe(() => {
        call(breaker, 'f');
        const state = throughJson(breaker);
        expect(state.outcomes).toEqual([
          [50, 1, 1, 0],
          [0, 1, 1, 0],
        ]);
        const [soon, late] = [new CircuitBreaker({ ...options, state }), new CircuitBreaker({ ...options, state })];
        timer(30).subscribe(() => expect(states(soon, 'f')).toBe('o'));
        timer(70).subscribe(() => expect(states(late, 'f')).toBe('c'));
      });
    });
  });

  test('one that is open stays so for the rest of the time, and remembers how often it opened', () => {
    marbles(() => {
      const options = { consecutiveFailures: 1, openFor: backoff({ initial: 10, jitter: 'none' }) };
      const breaker = opened(options);
      timer(4).subscribe(() => {
        const state = throughJson(breaker);
        expect(state).toMatchObject({ state: 'open', remaining: 6, openings: 1 });
        const next = new CircuitBreaker({ ...options, state });
        expect(next.tryBegin()).toBe(undefined);
        timer(6).subscribe(() => {
          expect(states(next, 'f')).toBe('o');
          timer(19).subscribe(() => expect(next.state).toBe('open'));
          timer(20).subscribe(() => expect(next.state).toBe('half-open'));
        });
      });
    });
  });

  test('one that is half-open keeps its successes, but not the probes of the other program', () => {
    const breaker = opened({ openFor: 0, successesToClose: 2 });
    call(breaker, 's');
    breaker.tryBegin();
    const state = throughJson(breaker);
    expect(state).toMatchObject({ state: 'half-open', successes: 1 });
    expect(states(new CircuitBreaker({ state, successesToClose: 2 }), 's')).toBe('c');
  });

  test.each([
    { openings: 0.5 },
    { openings: 2 ** 53 - 1 },
    { openings: 2 ** 53 - 2 },
    { successes: 1.5 },
    { failuresInARow: 2 ** 53 },
    { outcomes: [[0, 1.5, 1, 1]] },
    { outcomes: [[0, 2 ** 53, 1, 1]] },
    { outcomes: [[0, 1, 2, 0]] },
    { outcomes: [[0, 1, 0, 2]] },
    { outcomes: [[NaN, 1, 1, 1]] },
  ])('counts that it cannot have given are refused: %o', (part) => {
    const state = { ...new CircuitBreaker().toJSON(), ...part };
    const error = thrownBy(() => new CircuitBreaker({ state: state as never }));
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', option: 'state' });
  });

  test('times may be broken, and counts large: it opens as often as it has to', () => {
    const outcomes = [[0.5, 2, 1, 2]] as const;
    const state = { ...new CircuitBreaker().toJSON(), openings: 2 ** 52, remaining: 0.5, outcomes };
    const breaker = new CircuitBreaker({ consecutiveFailures: 1, openFor: backoff({ initial: 0, max: 0 }), state });
    expect([states(breaker, 'f'), states(breaker, 'f'), breaker.toJSON().openings]).toEqual(['h', 'h', 2 ** 52 + 2]);
  });

  test('an isolation is not kept: nobody could end it', () => {
    const breaker = new CircuitBreaker();
    breaker.isolate();
    expect(new CircuitBreaker({ state: throughJson(breaker) }).state).toBe('half-open');
  });

  test('those that wait at a restored breaker are woken', () => {
    marbles(() => {
      let woken = false;
      const breaker = new CircuitBreaker({ state: opened().toJSON() });
      breaker.whenAdmitting(() => (woken = true));
      timer(9).subscribe(() => expect(woken).toBe(false));
      timer(10).subscribe(() => expect(woken).toBe(true));
    });
  });
});

describe('backoff and a breaker', () => {
  test('a retry waits until the breaker is half-open', () => {
    marbles(({ cold, expectObservable }) => {
      const breaker = opened({ openFor: 20, successesToClose: 1 });
      const source = timer(0).pipe(
        map(() => {
          const permit = breaker.tryBegin();
          if (permit === undefined) throw breaker.refusal();
          permit.succeed();
          return 'a';
        }),
        retry({ count: 1, delay: backoff({ initial: 1, jitter: 'none', max: 50 }) }),
      );
      expectObservable(source).toBe('20ms (a|)');
      expectObservable(cold('|')).toBe('|');
    });
  });
});

describe('the types of CircuitBreaker', () => {
  test('call gives a promise of what the function gives', () => {
    const breaker = new CircuitBreaker();
    expectTypeOf(breaker.call(() => 5)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(breaker.call(async () => 'a')).toEqualTypeOf<Promise<string>>();
    expectTypeOf(breaker.state).toEqualTypeOf<'closed' | 'open' | 'half-open'>();
    expectTypeOf(() => [
      // @ts-expect-error -- one of both
      new CircuitBreaker({ window: 5 }),
      // @ts-expect-error -- no such option
      new CircuitBreaker({ threshold: 5 }),
    ]).toBeFunction();
  });
});
