import { EMPTY, NEVER, Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { run, type RunOptions } from '../../src/observe/browser/run.ts';
import { thrownBy } from '../operators/badOptions.ts';

/** Calls `body` where there is no `process`, as in a browser. */
function withoutProcess<R>(body: () => R): R {
  const property = Object.getOwnPropertyDescriptor(globalThis, 'process')!;
  Reflect.deleteProperty(globalThis, 'process');
  try {
    return body();
  } finally {
    Object.defineProperty(globalThis, 'process', property);
  }
}

describe('run in a browser', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test.each<[where: string, within: typeof withoutProcess]>([
    ['there is no process', withoutProcess],
    [
      'a bundler has put something in its place',
      (body) => {
        vi.stubGlobal('process', { env: {} });
        try {
          return body();
        } finally {
          vi.unstubAllGlobals();
        }
      },
    ],
  ])('refuses signals at the call where %s, and leaves nothing behind', (_, within) => {
    const signal = new AbortController().signal;
    const listen = vi.spyOn(signal, 'addEventListener');
    const options: RunOptions = { quitOn: ['SIGINT'], deadline: 1000, signal };
    const error = within(() => thrownBy(() => run(NEVER, options)));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE', option: 'quitOn' });
    expect((error as Error).message).toMatch(
      /^run\(\): "quitOn" must be an Observable: there are no signals here\. Received /,
    );
    expect([vi.getTimerCount(), listen.mock.calls]).toEqual([0, []]);
  });

  test('quits at the first value of an Observable, and takes a list with no signal in it', async () => {
    const quitOn = new Subject<void>();
    const [quit, none] = withoutProcess(() => [run(NEVER, { quitOn }), run(EMPTY, { quitOn: [] })]);
    quitOn.next();
    expect([(await quit.done).ended, (await none.done).ended]).toEqual(['quit', 'completed']);
  });
});
