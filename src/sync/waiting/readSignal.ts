import { wrongType } from '../../core/errors.ts';
import { OptionReader } from '../../core/options.ts';

/** Reads the options of a method that takes a signal and nothing else. */
export function readSignal(method: string, options: { signal?: AbortSignal | undefined }): AbortSignal | undefined {
  return signalOf(new OptionReader(method, options, ['signal']));
}

/** Reads the option `signal`. */
export function signalOf<O extends { signal?: AbortSignal | undefined }>(
  read: OptionReader<O>,
): AbortSignal | undefined {
  const signal: unknown = read.values.get('signal');
  if (signal === undefined || signal instanceof AbortSignal) return signal;
  throw wrongType(read.caller, 'signal', 'an AbortSignal', signal);
}
