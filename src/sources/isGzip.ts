import type { OptionReader } from '../core/options.ts';

/** Whether to decompress a file: as the option `gzip` says, else by the file's name. */
export function isGzip(reader: OptionReader<{ gzip?: boolean | undefined }>, path: string): boolean {
  return reader.get('gzip') === undefined ? path.toLowerCase().endsWith('.gz') : reader.flag('gzip');
}
