import { inspect } from './errors.ts';

/**
 * What the package does with what it cannot deliver to anyone. Replace a member to send it elsewhere.
 *
 * Without a change both become process warnings (`process.on('warning', ...)`), or go to the console where there is no process.
 */
export const hooks = {
  /** Takes a warning that is not about an error, with its stable `code`. */
  warn(message: string, code: string): void {
    emit(message, code);
  },
  /** Takes an error that came after its stage had already failed or been unsubscribed. */
  lateError(error: unknown, stage: string): void {
    emit(`Stage "${stage}" had already ended when an item failed: ${text(error)}`, 'SLUICE_LATE_ERROR');
  },
};

/** `String` throws for some values: one without a prototype, or with a `toString` of its own that fails. */
function text(error: unknown): string {
  try {
    return String(error);
  } catch {
    return inspect(error);
  }
}

function emit(message: string, code: string): void {
  const { process } = globalThis as { process?: { emitWarning?: (message: string, options: object) => void } };
  if (process?.emitWarning) process.emitWarning(message, { type: 'SluiceWarning', code });
  else globalThis.console?.warn(`${code}: ${message}`);
}
