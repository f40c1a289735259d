import { types } from 'node:util';
import { inspect } from '../../src/core/errors.ts';
import type { BadValue } from './BadValue.ts';
import { resources } from './resources.ts';
import type { Row } from './Row.ts';
import { touched } from './untouched.ts';

/** What is wrong with the way in which a call with a bad value is refused, in one line; nothing if all is as it must be. */
export function flaws({ fn, call }: Row, args: readonly unknown[], option: string, bad: BadValue): string[] {
  const before = resources();
  touched.length = 0;
  let error: unknown = NOTHING;
  let fastest = Infinity;
  // Once is enough, unless something else has the processor just then.
  for (let tries = 0; fastest > 1 && tries < 20; tries++) {
    const began = performance.now();
    try {
      call(...args);
    } catch (thrown) {
      error = thrown;
    }
    fastest = Math.min(fastest, performance.now() - began);
  }
  const found = error === NOTHING ? ['it is accepted'] : flawsOf(error, fn, option, bad);
  found.push(...touched);
  if (fastest > 1) found.push(`it takes ${fastest} ms to say so`);
  const left = resources().filter((it) => !before.includes(it));
  if (left.length > 0) found.push(`it leaves behind ${left.join(', ')}`);
  return found.length === 0 ? [] : [`${inspect(bad.value)}: ${found.join('; ')}`];
}

const NOTHING = Symbol('nothing was thrown');

function flawsOf(error: unknown, fn: string, option: string, { value, type, code }: BadValue): string[] {
  if (!(error instanceof Error)) return [`it throws what is no error: ${inspect(error)}`];
  const { name, message, ...fields } = error as Error & Record<string, unknown>;
  const found: string[] = [];
  const expect = (what: string, is: unknown, must: unknown): void => {
    if (!Object.is(is, must)) found.push(`${what} is ${inspect(is)} and must be ${inspect(must)}`);
  };
  expect('its class', Object.getPrototypeOf(error), type.prototype);
  expect('its name', name, type.name);
  expect('its code', fields['code'], code);
  expect('its option', fields['option'], option);
  // Of a URL the text says more than the object.
  const { received } = fields;
  if (typeof received !== 'string' || !isTextOf(received, value)) expect('received', received, value);
  return [...found, ...flawsOfMessage(message, fn, option)];
}

function isTextOf(received: string, value: unknown): boolean {
  return types.isProxy(value)
    ? false
    : value instanceof URL && (received === String(value) || received === decodeURIComponent(value.pathname));
}

/** `fn(): "option" must be <rule>. Received <value> (<type>)`, and perhaps a hint; one line, and not a long one (X16, X26). */
export function flawsOfMessage(message: string, fn: string, option: string): string[] {
  const found: string[] = [];
  const pattern =
    /^(?<fn>\w+)\(\): "(?<option>[\w.[\]]+)" must be (?<rule>.+)\. Received (?<value>.+) \((?<type>\w+)\)(?<hint>\..*)?$/su;
  const { groups } = pattern.exec(message) ?? {};
  if (groups?.['fn'] !== fn || groups['option'] !== option) found.push(`its message is "${message.slice(0, 300)}"`);
  if ((groups?.['value']?.length ?? 0) > 80) found.push('its message repeats more than 80 characters of the value');
  if (message.length > 600) found.push(`its message has ${message.length} characters`);
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(message)) found.push('its message has characters that do not show');
  return found;
}
