import { checkShare } from './checkShare.ts';
import { coresOf } from './coresOf.ts';

/**
 * Says how many times faster a program becomes on several cores, if only a part of its work can be divided among them.
 *
 * ```
 * one core:   [ssss|pppppppppppp]     s: cannot be divided, p: can
 * four cores: [ssss|ppp]              16 / 7 = 2.3 times as fast
 * ```
 *
 * Amdahl's law: `1 / ((1 - p) + p / cores)`. With ever more cores it approaches `1 / (1 - p)`, which `Infinity` gives: of
 * 95 % that can be divided, 20 times and never more. It knows nothing of what dividing costs.
 *
 * @example
 * ```ts
 * amdahl(0.75, 4); // 2.2857142857142856
 * amdahl(0.75, Infinity); // 4
 * ```
 *
 * @see {@link usl}, which also knows that cores wait for each other, so that more of them may be slower.
 * @param parallelFraction Which part of the work can be divided: a number from 0 to 1.
 * @param cores An integer of 1 or more, or `Infinity`. Default: what `navigator.hardwareConcurrency` says.
 * @returns The speed, as a multiple of that of one core.
 * @throws TypeError or RangeError if an argument is wrong, or `cores` is left out where there is no `navigator` (Node.js 20).
 */
export function amdahl(parallelFraction: number, cores?: number): number {
  const part = checkShare('amdahl', 'parallelFraction', parallelFraction);
  return 1 / (1 - part + part / coresOf('amdahl', cores, true));
}
