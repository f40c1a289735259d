import { wrongType } from '../../core/errors.ts';
import { checkCount } from '../../core/options.ts';

/** How many cores there are: those that were given, or else those that the platform tells. */
export function coresOf(fn: string, given: unknown, infinite = false): number {
  if (given !== undefined) return checkCount(fn, 'cores', given, 1, infinite);
  // Browsers, and Node.js from 21. Where cores are hidden it is a number that is too small, and never less than 1.
  const { navigator } = globalThis as { navigator?: { readonly hardwareConcurrency?: unknown } };
  const cores = navigator?.hardwareConcurrency;
  if (typeof cores === 'number' && cores >= 1) return Math.floor(cores);
  throw wrongType(fn, 'cores', 'given where the platform does not tell it, as os.availableParallelism() does', given);
}
