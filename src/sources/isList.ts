import { holds } from '../core/options.ts';

/**
 * Whether a value is an array, of that length if one is given, and one that can be looked at: a proxy may throw at every look.
 */
export function isList(value: unknown, length?: number): value is readonly unknown[] {
  return holds(() => Array.isArray(value) && (length === undefined ? value.length >= 0 : value.length === length));
}
