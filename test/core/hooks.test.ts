import { afterEach, describe, expect, test, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('hooks', () => {
  test('become process warnings, with a code', () => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    hooks.warn('too much', 'SLUICE_OVERRUN');
    hooks.lateError(new Error('late'), 'resize');
    expect(emitWarning.mock.calls).toEqual([
      ['too much', { type: 'SluiceWarning', code: 'SLUICE_OVERRUN' }],
      [
        'Stage "resize" had already ended when an item failed: Error: late',
        { type: 'SluiceWarning', code: 'SLUICE_LATE_ERROR' },
      ],
    ]);
  });

  test.each([
    ['without a prototype', '[object]', Object.create(null)],
    ['whose toString throws', '[Object]', { toString: () => expect.fail() }],
    ['that is a symbol', 'Symbol(late)', Symbol('late')],
    ['that is undefined', 'undefined', undefined],
    ['that is a revoked proxy', '[revoked proxy]', revoked()],
  ])('report a late error %s as %s', (_, text, error) => {
    const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    hooks.lateError(error, 'resize');
    expect(emitWarning.mock.calls.map(([message]) => message)).toEqual([
      `Stage "resize" had already ended when an item failed: ${text}`,
    ]);
  });

  test.each([
    ['there is no process', undefined],
    ['a process cannot warn', {}],
  ])('go to the console where %s, if there is one', (_, process) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    vi.stubGlobal('process', process);
    try {
      hooks.warn('too much', 'SLUICE_OVERRUN');
      vi.stubGlobal('console', undefined);
      expect(() => hooks.warn('too much', 'SLUICE_OVERRUN')).not.toThrow();
    } finally {
      vi.unstubAllGlobals();
    }
    expect(warn.mock.calls).toEqual([['SLUICE_OVERRUN: too much']]);
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
