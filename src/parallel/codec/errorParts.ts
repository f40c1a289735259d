import { inspect } from '../../core/errors.ts';
import { holds } from '../../core/options.ts';

/** The name of a built-in class of errors. */
export type ErrorType = keyof typeof MAKERS;

const MAKERS = {
  Error: (message: string) => new Error(message),
  AggregateError: (message: string) => new AggregateError([], message),
  DOMException: (message: string, name: string) => new DOMException(message, name),
  EvalError: (message: string) => new EvalError(message),
  RangeError: (message: string) => new RangeError(message),
  ReferenceError: (message: string) => new ReferenceError(message),
  SyntaxError: (message: string) => new SyntaxError(message),
  TypeError: (message: string) => new TypeError(message),
  URIError: (message: string) => new URIError(message),
};

const TYPES = new Map<unknown, ErrorType>([
  [Error.prototype, 'Error'],
  [AggregateError.prototype, 'AggregateError'],
  [DOMException.prototype, 'DOMException'],
  [EvalError.prototype, 'EvalError'],
  [RangeError.prototype, 'RangeError'],
  [ReferenceError.prototype, 'ReferenceError'],
  [SyntaxError.prototype, 'SyntaxError'],
  [TypeError.prototype, 'TypeError'],
  [URIError.prototype, 'URIError'],
]);

const MAX_NAME = 200;
const MAX_MESSAGE = 65_536;
const MAX_STACK = 4_096;
/** How much of a stack that is too long may be the message, so that frames remain. */
const MAX_HEADER = 1_024;

/** Stands for what a getter would have given. */
export const GETTER_THREW = '[a getter that throws]';

/** Makes an error of this thread, without frames. Only a `DOMException` takes its name at once. */
export function makeError(type: ErrorType, message: string, name: string): Error {
  const { stackTraceLimit } = Error;
  // Frames of this thread would be replaced, and to gather and write them takes ten times as long as all the rest.
  const isSet = Reflect.set(Error, 'stackTraceLimit', 0);
  try {
    return MAKERS[type](message, name);
  } finally {
    if (isSet) Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Whether a value is an error, also one of another realm (`node:vm`). Throws for a revoked proxy. */
export function isError(value: object): boolean {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}

/** The nearest built-in class of an error; for one of another realm, which inherits from none, what its name says. */
export function typeOf(error: object): ErrorType {
  for (let type: unknown = error; type !== null; type = Object.getPrototypeOf(type)) {
    const known = TYPES.get(type);
    if (known !== undefined) return known;
  }
  const name = read(error, 'name', '');
  return [...TYPES.values()].find((type) => type === name) ?? 'Error';
}

/** The name of an error, or of its type where it has none that is text. */
export function nameOf(error: object, type: ErrorType): string {
  const name = read(error, 'name', type);
  return typeof name === 'string' ? cut(name, MAX_NAME) : type;
}

/** The message of an error; one that is no text is described. */
export function messageOf(error: object): string {
  const message = read(error, 'message', GETTER_THREW);
  return typeof message === 'string' ? cut(message, MAX_MESSAGE) : describe(message);
}

/** Where an error was made, if it says so. */
export function stackOf(error: object): string | undefined {
  const stack = read(error, 'stack', undefined);
  if (typeof stack !== 'string' || stack.length <= MAX_STACK) return typeof stack === 'string' ? stack : undefined;
  const frames = stack.indexOf('\n    at ');
  return cut(frames > MAX_HEADER ? cut(stack.slice(0, frames), MAX_HEADER) + stack.slice(frames) : stack, MAX_STACK);
}

/** A property, or the fallback where reading it throws. */
export function read(from: object, key: string, fallback: unknown): unknown {
  try {
    return (from as Record<string, unknown>)[key];
  } catch {
    return fallback;
  }
}

/** A short text in place of a value. Never throws. */
export function describe(value: unknown): string {
  try {
    if (typeof value !== 'object' || value === null || !holds(() => isError(value))) return inspect(value);
    return `[${nameOf(value, 'Error')}: ${cut(messageOf(value), MAX_NAME)}]`;
  } catch {
    return '[something that cannot be read]';
  }
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 3)}...` : text;
}
