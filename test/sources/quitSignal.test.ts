import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import { NEVER, Observable, lastValueFrom, of, take, takeUntil, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test } from 'vitest';
import type { QuitSignal } from '../../src/observe/FlowOptions.ts';
import { run } from '../../src/observe/run.ts';
import { fromIterable } from '../../src/sources/fromIterable.ts';
import { quitSignal } from '../../src/sources/quitSignal.ts';
import { Probe } from '../../src/testing/Probe.ts';
import { marbles } from '../../src/testing/marbles.ts';
import { thrownBy } from '../operators/badOptions.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'] as const;
const listeners = (): number[] => SIGNALS.map((signal) => process.listenerCount(signal));

let before: number[] = [];
beforeEach(() => {
  before = listeners();
});
// whatever a test does, it leaves no listener behind.
afterEach(() => {
  expect(listeners()).toEqual(before);
});

describe('quitSignal', () => {
  test('does what the diagram in its comment says', () => {
    marbles(({ hot, expectObservable }) => {
      const sigint = '  ------x--x ';
      const sigterm = ' ----------x';
      const expected = '------(s|) ';
      hot(sigint).subscribe(() => process.emit('SIGINT'));
      hot(sigterm).subscribe(() => process.emit('SIGTERM'));
      expectObservable(quitSignal()).toBe(expected, { s: 'SIGINT' });
    });
  });

  test('R-44: leaves nothing behind where the subscriber has already ended', () => {
    new Observable<string>((subscriber) => {
      subscriber.complete();
      quitSignal().subscribe(subscriber);
    }).subscribe();
    expect(listeners()).toEqual(before);
  });

  test('R-01, R-62: listens only while it is subscribed, by default to SIGINT and SIGTERM', () => {
    const signals = quitSignal();
    expect(listeners()).toEqual(before);
    const [first, second] = [signals.subscribe(), signals.subscribe()];
    expect(listeners()).toEqual([before[0]! + 2, before[1]! + 2, before[2], before[3]]);
    first.unsubscribe();
    second.unsubscribe();
    expect(listeners()).toEqual(before);
  });

  test.each(SIGNALS)('emits %s if it is the first to come, completes, and listens no more', (signal) => {
    const probe = new Probe<string>().subscribe(quitSignal(...SIGNALS));
    expect(listeners()).toEqual(before.map((count) => count + 1));
    process.emit(signal);
    expect([probe.values, probe.ended, listeners()]).toEqual([[signal], 'completed', before]);
  });

  test('a name that is given twice counts once', () => {
    const subscription = quitSignal('SIGHUP', 'SIGHUP').subscribe();
    expect(process.listenerCount('SIGHUP')).toBe(before[2]! + 1);
    subscription.unsubscribe();
  });

  test('a signal that was not asked for is not heard', () => {
    const values: string[] = [];
    const subscription = quitSignal('SIGHUP').subscribe((signal) => values.push(signal));
    process.emit('SIGUSR2');
    expect(values).toEqual([]);
    subscription.unsubscribe();
  });

  test('listens no more when its consumer is told: what the consumer is sent meanwhile has its usual effect', () => {
    let during: number[] | undefined;
    quitSignal().subscribe(() => (during = listeners()));
    process.emit('SIGINT');
    expect(during).toEqual(before);
  });

  test('R-40: unsubscribed, also within its one value, it says nothing more', () => {
    const probe = new Probe<string>();
    probe.onNext = () => probe.unsubscribe();
    probe.subscribe(quitSignal());
    process.emit('SIGTERM');
    expect([probe.values, probe.ended]).toEqual([['SIGTERM'], undefined]);
  });

  test('R-05: can be subscribed again after a signal', async () => {
    const signals = quitSignal('SIGHUP');
    for (let i = 0; i < 2; i++) {
      const next = lastValueFrom(signals.pipe(toArray()));
      process.emit('SIGHUP');
      expect(await next).toEqual(['SIGHUP']);
    }
  });

  test('ends what takeUntil is given', () => {
    const probe = new Probe<never>().subscribe(NEVER.pipe(takeUntil(quitSignal())));
    process.emit('SIGTERM');
    expect(probe.ended).toBe('completed');
  });

  test('and listens no more when what takeUntil is given ends by itself', () => {
    const probe = new Probe<number>().subscribe(of(1).pipe(takeUntil(quitSignal())));
    expect([probe.values, probe.ended, listeners()]).toEqual([[1], 'completed', before]);
  });

  test('is one of the things that quitOn of run takes, with the same names', async () => {
    const endless = fromIterable(function* () {
      for (;;) yield 1;
    });
    const names: QuitSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGBREAK', 'SIGUSR2'];
    const started = run(endless, { quitOn: quitSignal(...names) });
    process.emit('SIGHUP');
    expect((await started.done).ended).toBe('quit');
  });
});

/**
 * Runs a program of which every line that it prints is answered with the next signal, and gives what it printed and how it
 * ended.
 */
async function answer(body: string, ...signals: NodeJS.Signals[]) {
  const program = `
    import { interval, takeUntil } from 'rxjs';
    import { quitSignal } from '${new URL('../../src/sources/quitSignal.ts', import.meta.url).href}';
    const say = (word) => process.stdout.write(word + '\\n');
    ${body}
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    printed.push(line);
    const signal = signals.shift();
    if (signal !== undefined) child.kill(signal);
  });
  const ending = await new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)));
  return { printed, ending };
}

describe('quitSignal in a process of its own', { timeout: 30_000 }, () => {
  const hearing = `
    const alive = setInterval(() => {}, 1000);
    quitSignal().subscribe({ next: say, complete: () => clearInterval(alive) });
    say('ready');
  `;

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s is heard, and leaves the end and the exit code to the program',
    async (signal) => {
      expect(await answer(hearing, signal)).toEqual({ printed: ['ready', signal], ending: 0 });
    },
  );

  test('the second signal has its usual effect', async () => {
    const working = `
      const alive = setInterval(() => {}, 1000);
      quitSignal().subscribe({ complete: () => say('cleaning up') });
      say('ready');
    `;
    expect(await answer(working, 'SIGINT', 'SIGINT')).toEqual({ printed: ['ready', 'cleaning up'], ending: 'SIGINT' });
    expect(await answer(working, 'SIGINT', 'SIGTERM')).toEqual({
      printed: ['ready', 'cleaning up'],
      ending: 'SIGTERM',
    });
  });

  test('with takeUntil a program ends by itself on Ctrl-C', async () => {
    const ticking = `
      interval(1000).pipe(takeUntil(quitSignal())).subscribe({ complete: () => say('stopped') });
      say('ready');
    `;
    expect(await answer(ticking, 'SIGINT')).toEqual({ printed: ['ready', 'stopped'], ending: 0 });
  });

  test('R-62: unsubscribed or never subscribed, a signal has its usual effect', async () => {
    const deaf = `
      const alive = setInterval(() => {}, 1000);
      quitSignal();
      quitSignal().subscribe().unsubscribe();
      say('ready');
    `;
    expect(await answer(deaf, 'SIGINT')).toEqual({ printed: ['ready'], ending: 'SIGINT' });
  });

  test('R-57: does not keep a process alive', async () => {
    expect(await answer('quitSignal().subscribe(say);')).toEqual({ printed: [], ending: 0 });
  });
});

describe('bad input of quitSignal', () => {
  const rule = "must be the name of a signal, such as 'SIGINT'";

  test.each([
    ['SIGTREM', 'SIGTERM'],
    ['sigint', 'SIGINT'],
    ['INT', 'SIGINT'],
    ['hup', 'SIGHUP'],
    ['SIGUSR3', 'SIGUSR2'],
    ['SIG_INT', 'SIGINT'],
  ])('%s is no signal: did you mean %s?', (name, nearest) => {
    expect(thrownBy(() => quitSignal('SIGINT', name as 'SIGTERM'))).toMatchObject({
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_VALUE',
      option: 'signals[1]',
      received: name,
      message: `quitSignal(): "signals[1]" ${rule}. Received ${JSON.stringify(name)} (string). Did you mean "${nearest}"?`,
    });
  });

  test.each([
    ['the empty string', ''],
    ['another event', 'exit'],
    ['a word', 'nonsense'],
    ['a name that every object has', '__proto__'],
    ['a million letters', 'x'.repeat(1e6)],
  ])('%s is no signal, nor near to one', (_, name) => {
    const error = thrownBy(() => quitSignal(name as 'SIGTERM'));
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE', option: 'signals[0]' });
    expect((error as Error).message).not.toContain('Did you mean');
  });

  test.each(['SIGKILL', 'SIGSTOP'])('%s is refused: no process can catch it', (name) => {
    expect(thrownBy(() => quitSignal(name as 'SIGTERM'))).toMatchObject({
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_VALUE',
      message: `quitSignal(): "signals[0]" must be a signal that can be caught, as SIGKILL and SIGSTOP cannot. Received "${name}" (string)`,
    });
  });

  test.each([undefined, null, 2, ['SIGINT'], {}, true, Symbol('SIGINT')])('%o is refused', (value) => {
    const error = thrownBy(() => quitSignal(value as 'SIGTERM'));
    expect(error).toMatchObject({
      name: 'TypeError',
      code: 'ERR_INVALID_ARG_TYPE',
      option: 'signals[0]',
      received: value,
    });
    expect((error as Error).message).toContain(`quitSignal(): "signals[0]" ${rule}. Received `);
  });

  test('every other signal of this platform is taken', () => {
    const names = Object.keys(constants.signals).filter((name) => !['SIGKILL', 'SIGSTOP'].includes(name));
    expect(() => quitSignal(...(names as 'SIGTERM'[]))).not.toThrow();
  });
});

describe('the types of quitSignal', () => {
  test('are the names it is given', () => {
    expectTypeOf(quitSignal()).toEqualTypeOf<Observable<'SIGINT' | 'SIGTERM'>>();
    expectTypeOf(quitSignal('SIGHUP')).toEqualTypeOf<Observable<'SIGHUP'>>();
    expectTypeOf(quitSignal('SIGHUP', 'SIGINT').pipe(take(1))).toEqualTypeOf<Observable<'SIGHUP' | 'SIGINT'>>();
    expectTypeOf(() => quitSignal(...([] as QuitSignal[]))).returns.toEqualTypeOf<Observable<QuitSignal>>();
    expectTypeOf(() => {
      // @ts-expect-error -- no process can catch it
      quitSignal('SIGKILL');
      // @ts-expect-error -- no signal
      quitSignal('SIGTREM');
      // @ts-expect-error -- not a list, unlike quitOn
      quitSignal(['SIGINT']);
    }).toBeFunction();
  });
});
