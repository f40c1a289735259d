import { describe, expect, test } from 'vitest';
import { homeOf, nameOfKey, type KeyName } from '../../src/core/homeOf.ts';

const keys = Array.from({ length: 4_000 }, (_, i) => `key ${i}`);

const free = (seat: number): boolean => seat !== 2;

describe('homeOf', () => {
  test('is the same everywhere and always: threads and machines of other versions have to agree', () => {
    const some: KeyName[] = ['', 'a', 'key 17', 0, 1, -1, 2 ** 40, 10n, true, false, null, undefined];
    expect(some.map((key) => homeOf(key, 7))).toEqual([1, 6, 5, 1, 6, 1, 0, 1, 1, 1, 2, 6]);
  });

  test('gives every seat its share of the keys', () => {
    const shares = Array.from({ length: 8 }, () => 0);
    for (const key of keys) shares[homeOf(key, 8)]! += 1;
    for (const share of shares) {
      expect(share).toBeGreaterThan(400);
      expect(share).toBeLessThan(600);
    }
  });

  test('is the only seat where there is one', () => {
    expect(new Set(keys.map((key) => homeOf(key, 1)))).toEqual(new Set([0]));
  });

  test('moves only the keys that a further seat takes over', () => {
    const moved = keys.filter((key) => homeOf(key, 4) !== homeOf(key, 5));
    expect(moved.every((key) => homeOf(key, 5) === 4)).toBe(true);
    expect(moved.length).toBeGreaterThan(600);
    expect(moved.length).toBeLessThan(1_000);
  });

  test('moves only the keys of a seat that is not free', () => {
    const stayed = keys.filter((key) => homeOf(key, 4, free) === homeOf(key, 4));
    expect(stayed).toEqual(keys.filter((key) => homeOf(key, 4) !== 2));
    expect(new Set(keys.map((key) => homeOf(key, 4, free)))).toEqual(new Set([0, 1, 3]));
  });

  test('tells keys of different types apart, and not 0 from -0', () => {
    const numbers = Array.from({ length: 100 }, (_, i) => i);
    const homes = (name: (n: number) => KeyName) => numbers.map((n) => homeOf(name(n), 64)).join();
    expect(new Set([homes(Number), homes(String), homes(BigInt)]).size).toBe(3);
    expect(homeOf(-0, 1_000)).toBe(homeOf(0, 1_000));
  });
});

describe('nameOfKey', () => {
  test('is the key itself where every thread knows it', () => {
    const plain: KeyName[] = ['a', 1, -0, 2n, true, null, undefined];
    expect(plain.map((key) => nameOfKey(key))).toEqual(plain);
  });

  test('is a name of its own for each object and each function, the same each time', () => {
    const [object, like, act] = [{}, {}, () => {}];
    expect(nameOfKey(object)).toMatch(/^object \d+$/);
    expect(nameOfKey(act)).toMatch(/^function \d+$/);
    expect(nameOfKey(object)).toBe(nameOfKey(object));
    expect(new Set([object, like, act].map((key) => nameOfKey(key))).size).toBe(3);
  });

  test('is the description of a symbol', () => {
    expect(nameOfKey(Symbol('room'))).toBe('symbol Symbol(room)');
  });
});
