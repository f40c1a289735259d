import { fileURLToPath } from 'node:url';
import { wrongType, wrongValue } from '../core/errors.ts';
import { isUrl } from './isUrl.ts';

/** The path of a file that is given as a path or a `file:` URL. Throws, in the name of `fn`, if it is neither. */
export function filePath(fn: string, option: string, file: unknown): string {
  if (typeof file !== 'string' && !isUrl(file)) throw wrongType(fn, option, 'a path or a file: URL', file);
  const path = typeof file === 'string' ? file : urlPath(file);
  if (path === undefined) throw wrongValue(fn, option, 'a URL that begins with file:// and names a file', String(file));
  if (path === '' || path.includes('\0')) throw wrongValue(fn, option, 'the path of a file', path);
  return path;
}

function urlPath(url: URL): string | undefined {
  try {
    return fileURLToPath(url);
  } catch {
    return undefined;
  }
}
