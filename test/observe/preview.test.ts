import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { preview, safeText } from '../../src/observe/preview.ts';

describe('preview', () => {
  test.each([
    [1, '1'],
    ['text', '"text"'],
    [undefined, 'undefined'],
    [null, 'null'],
    [10n, '10n'],
    [Symbol('s'), 'Symbol(s)'],
    [() => {}, 'a function'],
    [{ id: 1, name: 'x', list: [1, 2] }, '{ id: 1, name: "x", list: [1, 2] }'],
    [{}, '{}'],
    [[], '[]'],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [new Date(NaN), 'Invalid Date'],
    [new Uint8Array(16), 'Uint8Array(16 bytes)'],
    [new ArrayBuffer(8), 'ArrayBuffer(8 bytes)'],
    [new Map([[1, 2]]), 'Map(1)'],
    [new Error('no'), 'Error: no'],
    [{ a: { b: { c: { d: 1 } } } }, '{ a: { b: { c: {…} } } }'],
    [{ 'two words': 1 }, '{ "two words": 1 }'],
  ])('writes %o as %s', (item, text) => {
    expect(preview(item)).toBe(text);
  });

  test.each([
    'password',
    'Password',
    'passwd',
    'passwordHash',
    'password_confirmation',
    'password2',
    'userPassword',
    'token',
    'accessToken',
    'authorization',
    'auth',
    'apiKey',
    'api_key',
    'private-key',
    'cookie',
    'clientSecret',
    'credentials',
    'sessionId',
  ])('X12 leaves out the value of a field that is called %s, however deep', (name) => {
    const item = { [name]: 'hunter2', in: [{ [name]: { a: 'hunter2' } }] };
    expect(preview(item)).not.toContain('hunter2');
    expect(preview(item)).toContain('***');
  });

  test('X12 leaves out those that it is told to, in whatever letters, or what a function does not give', () => {
    expect(preview({ Card: 1, id: 2 }, ['card'])).toBe('{ Card: ***, id: 2 }');
    expect(preview({ card: 1, id: 2 }, (item) => (item as { id: number }).id)).toBe('2');
    expect(preview({ card: 1 }, () => ({ password: 1 }))).toBe('{ password: *** }');
    expect(
      preview({ card: 1 }, () => {
        throw new Error('no');
      }),
    ).toBe('(cannot be shown)');
  });

  test('X12 X19 leaves out what looks like a credential in a text', () => {
    expect(preview('redis://user:hunter2@host/0')).toBe('"redis://***@host/0"');
    expect(preview(['Bearer abcdef.123456'])).toBe('["Bearer ***"]');
    expect(safeText('cannot connect with password=hunter2; retry')).toBe('cannot connect with password=***; retry');
  });

  test.each([
    '{"user":"ann","password":"hunter2"}',
    '{"password" : "hun\\"hunter2"}',
    '{ "access_token": "hunter2", "id": 5 }',
    "{'accessToken': 'hunter2'}",
    '{"passwordHash":"hunter2"}',
    '{"authorization":"Basic hunter2hunter2"}',
    '{"api-key":"two words hunter2"}',
    '{"secret":"hunter2',
    'pass: hunter2',
    'passwd=hunter2',
    JSON.stringify({ body: '{"password":"hunter2"}' }),
    JSON.stringify(JSON.stringify({ password: 'hunter2', id: 5 })),
  ])('X12 leaves out what follows the word for a secret in %s', (text) => {
    expect(preview(text)).not.toContain('hunter2');
    expect(preview({ line: text })).not.toContain('hunter2');
    expect(safeText(`refused: ${text}`)).not.toContain('hunter2');
    expect(preview(text)).toContain('***');
  });

  test('leaves the rest of such a text as it is', () => {
    expect(safeText('{"password":"hunter2","id":5}')).toBe('{"password":***,"id":5}');
    expect(safeText('the compass: north, 5 passes: done, a tokenizer')).toBe(
      'the compass: north, 5 passes: done, a tokenizer',
    );
  });

  test('X6 is quick for texts that are made to be slow', () => {
    const began = performance.now();
    for (const part of [
      'password',
      'pass"',
      'token\\"',
      'secret:"\\',
      "secret:'\\",
      'a'.repeat(30),
      'secret   ',
      'x://',
    ])
      for (let i = 0; i < 10; i++) safeText(part.repeat(100_000 / part.length));
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('X16 X26 is one line of bounded length', () => {
    expect(preview('a\n2026 INFO \u001B[2J\u202E')).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(preview('x'.repeat(1e7)).length).toBe(200);
    expect(preview(Array.from({ length: 1e5 }, (_, i) => i))).toMatch(/^\[0, 1, .+, … 99980 more\]$/);
    expect(safeText('x'.repeat(1e7)).length).toBe(200);
  });

  test('calls no getter, and fails for nothing', () => {
    const getter = {
      get lazy(): never {
        throw new Error('called');
      },
    };
    expect(preview(getter)).toBe('{ lazy: (computed) }');
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(preview(proxy)).toBe('(cannot be shown)');
    const ring: { self?: unknown } = {};
    ring.self = ring;
    expect(preview(ring)).toBe('{ self: { self: { self: {…} } } }');
  });

  test('takes anything', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withTypedArray: true }), (item) => {
        const text = preview(item);
        expect(text.length).toBeLessThanOrEqual(200);
        expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
