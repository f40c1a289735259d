import { holds } from '../core/options.ts';

/** Whether a value is a `URL`. */
export function isUrl(value: unknown): value is URL {
  return holds(() => value instanceof URL);
}
