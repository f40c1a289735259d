import { outOfRange } from '../core/errors.ts';
import { isOptions, OptionReader } from '../core/options.ts';

/** How the inspector is served. */
export interface InspectOptions {
  /** Its port: an integer from 0 (any that is free) to 65535. Default 4747, or any that is free if that is taken. */
  port?: number | undefined;
}

/** Reads `run`'s option `inspect`. `undefined` if there is to be no inspector. */
export function readInspect(
  read: OptionReader<{ inspect?: boolean | InspectOptions | undefined }>,
): InspectOptions | undefined {
  const inspect = read.get('inspect');
  if (inspect === undefined || inspect === false) return undefined;
  if (inspect === true) return {};
  if (!isOptions(inspect)) throw read.wrong('inspect', 'true, false, or { port }', inspect);
  const own = new OptionReader<InspectOptions>('run', inspect, ['port']);
  const port = own.count('port', 0, undefined);
  if (port !== undefined && port > 65_535) throw outOfRange('run', 'port', 'an integer from 0 to 65535', port);
  return { port };
}
