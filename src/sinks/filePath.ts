import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wrongType, wrongValue } from '../core/errors.ts';
import { holds } from '../core/options.ts';

/** The path of a file that is given as a path or a `file:` URL. Throws, in the name of `fn`, if it is neither. */
export function filePath(fn: string, given: unknown): string {
  if (typeof given !== 'string' && !isUrl(given)) throw wrongType(fn, 'path', 'a path or a file: URL', given);
  const path = typeof given === 'string' ? given : urlPath(given);
  if (path === undefined)
    throw wrongValue(fn, 'path', 'a URL that begins with file:// and names a file', String(given));
  const rule = 'the path of a file, without NUL and without a slash at its end';
  if (path === '' || path.includes('\0') || path.endsWith('/') || path.endsWith(sep)) {
    throw wrongValue(fn, 'path', rule, path);
  }
  return path;
}

function isUrl(value: unknown): value is URL {
  return holds(() => value instanceof URL);
}

function urlPath(url: URL): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}
