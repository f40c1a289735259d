import { nameOf } from './nameOf.ts';

/** The `code` of an error about an argument, as Node.js names them. */
export type ArgumentErrorCode = 'ERR_INVALID_ARG_TYPE' | 'ERR_INVALID_ARG_VALUE' | 'ERR_OUT_OF_RANGE';

/** What every error about an argument carries besides its message. */
export interface ArgumentError {
  readonly code: ArgumentErrorCode;
  /** The name of the option or argument. */
  readonly option: string;
  /** The value that was given. */
  readonly received: unknown;
}

/** Makes the error for a value of the wrong type: `fn(): "option" must be rule. Received value (type)`. */
export function wrongType(fn: string, option: string, rule: string, received: unknown): TypeError & ArgumentError {
  return argumentError(TypeError, 'ERR_INVALID_ARG_TYPE', fn, option, rule, received);
}

/** Makes the error for a value of the right type that is none of those allowed. */
export function wrongValue(fn: string, option: string, rule: string, received: unknown): TypeError & ArgumentError {
  return argumentError(TypeError, 'ERR_INVALID_ARG_VALUE', fn, option, rule, received);
}

/** Makes the error for a number outside its range. */
export function outOfRange(fn: string, option: string, rule: string, received: unknown): RangeError & ArgumentError {
  return argumentError(RangeError, 'ERR_OUT_OF_RANGE', fn, option, rule, received);
}

function argumentError<E extends Error>(
  Class: new (message: string) => E,
  code: ArgumentErrorCode,
  fn: string,
  option: string,
  rule: string,
  received: unknown,
) {
  const message = `${fn}(): "${option}" must be ${rule}. Received ${inspect(received)} (${typeName(received)})`;
  return Object.assign(new Class(message), { code, option, received });
}

/** A value in at most 80 characters, for an error message, all of which show. */
export function inspect(value: unknown): string {
  let text: string;
  try {
    if (typeof value === 'string') text = visible(JSON.stringify(value.slice(0, 80)));
    else if (typeof value === 'bigint') text = `${value}n`;
    else if (Object.is(value, -0)) text = '-0';
    else if (typeof value === 'function') text = `[function ${ownName(value) || 'anonymous'}]`;
    else if (Array.isArray(value)) text = `[array of ${value.length}]`;
    else if (typeof value === 'object' && value !== null) text = `[${typeName(value)}]`;
    else text = String(value);
  } catch {
    text = '[revoked proxy]';
  }
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** What an error says, to be quoted in the message of another: its own message, or the value that was thrown. Never throws. */
export function reasonOf(error: unknown): string {
  if (typeof error === 'string') return error;
  try {
    const { message } = error as { readonly message?: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // It is null or undefined, or looking at it throws.
  }
  return inspect(error);
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  try {
    return ownName((Object.getPrototypeOf(value) as { constructor?: unknown }).constructor) || 'object';
  } catch {
    // It has no prototype, or looking at it throws.
    return 'object';
  }
}

function ownName(value: unknown): string {
  return typeof value === 'function' ? visible(nameOf(value).slice(0, 60)) : '';
}

/** Writes out what would not show, or would move what is around it: control characters, marks of direction, line separators. */
function visible(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

/** What every error of a running stage carries besides its message. */
export interface StageErrorFields {
  /** The name of the stage it happened in. */
  readonly stage: string;
}

/**
 * A stage was sent more than it may hold by something that cannot be paused.
 *
 * Thrown by `buffered({ overflow: 'fail' })`, by any stage that holds `overflowLimit` items more than its bound, and in
 * strict runs by the first item too many.
 */
export class OverflowError extends Error implements StageErrorFields {
  override readonly name = 'OverflowError';
  readonly code = 'ERR_OVERFLOW';
  readonly stage: string;
  /** How many items the stage held. */
  readonly held: number;
  /** How many it may hold. */
  readonly bound: number;

  constructor(stage: string, held: number, bound: number, advice: string) {
    super(`Stage "${stage}" holds ${held} items and may hold ${bound}. ${advice}`);
    this.stage = stage;
    this.held = held;
    this.bound = bound;
  }
}

/** Handing an item to the dead letter failed, so the flow stopped rather than lose the item. `cause` is why it failed. */
export class DeadLetterError extends Error implements StageErrorFields {
  override readonly name = 'DeadLetterError';
  readonly code = 'ERR_DEAD_LETTER';
  readonly stage: string;
  /** Why the item failed in the first place. */
  readonly itemError: unknown;
  readonly #item: unknown;

  constructor(stage: string, item: unknown, itemError: unknown, cause: unknown) {
    super(
      `The dead letter of stage "${stage}" failed, so the flow stopped. Make the dead letter itself safe, or use onError: 'skip'`,
      { cause },
    );
    this.stage = stage;
    this.#item = item;
    this.itemError = itemError;
  }

  /** The item that could neither be processed nor be handed over. Not shown where the error is printed: it may have a secret in it. */
  get item(): unknown {
    return this.#item;
  }
}
