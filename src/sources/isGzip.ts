import type { OptionReader } from '../core/options.ts';
import { readFlag } from '../core/readers.ts';

/** Whether to decompress a file: as the option `gzip` says, else by the file's name. */
export function isGzip(reader: OptionReader<{ gzip?: boolean | undefined }>, path: string): boolean {
  return readFlag(reader, 'gzip', path.toLowerCase().endsWith('.gz'));
}
