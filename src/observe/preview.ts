/** What may be shown of an item: everything but the values of fields with these names, or what a function gives for it. */
export type Redact = readonly string[] | ((item: unknown) => unknown);

/**
 * Writes an item out for people, in one line of {@link MAX_LENGTH} characters at most. The values of fields whose names sound like a
 * secret are left out, and so are those of `redact`; in texts, what looks like a credential. No getter is called, and nothing that an
 * item does when it is looked at makes this fail.
 */
export function preview(item: unknown, redact: Redact = []): string {
  try {
    const shown = typeof redact === 'function' ? redact(item) : item;
    const names = typeof redact === 'function' ? NONE : new Set(redact.map((name) => name.toLowerCase()));
    return cut(write(shown, names, MAX_DEPTH));
  } catch {
    return '(cannot be shown)';
  }
}

/** A text in one line, without what looks like a credential, and shortened. */
export function safeText(text: string, length = MAX_LENGTH): string {
  return cut(mask(text.length > length * 4 ? text.slice(0, length * 4) : text), length);
}

const MAX_LENGTH = 200;
const MAX_DEPTH = 3;
const MAX_FIELDS = 20;
const NONE: ReadonlySet<string> = new Set();
const SECRET =
  /pass(?:word|wd|phrase|code)|pass$|secret|token|authorization|^auth$|api[-_]?key|private[-_]?key|cookie|credential|session/i;

function write(value: unknown, names: ReadonlySet<string>, depth: number): string {
  if (typeof value === 'string') return JSON.stringify(mask(value.slice(0, MAX_LENGTH * 2)));
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Error) return `${value.name}: ${mask(value.message)}`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  const size = sizeOf(value);
  if (size !== undefined) return size;
  if (depth === 0) return Array.isArray(value) ? '[…]' : '{…}';
  return Array.isArray(value) ? writeArray(value, names, depth) : writeFields(value, names, depth);
}

/** Of what holds much and says little when written out. */
function sizeOf(value: object): string | undefined {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return `${value.constructor.name}(${value.byteLength} bytes)`;
  }
  if (value instanceof Map || value instanceof Set) return `${value.constructor.name}(${value.size})`;
  return undefined;
}

function writeArray(values: readonly unknown[], names: ReadonlySet<string>, depth: number): string {
  const shown = values.slice(0, MAX_FIELDS).map((value) => write(value, names, depth - 1));
  if (values.length > MAX_FIELDS) shown.push(`… ${values.length - MAX_FIELDS} more`);
  return `[${shown.join(', ')}]`;
}

function writeFields(value: object, names: ReadonlySet<string>, depth: number): string {
  const keys = Object.keys(value);
  const shown = keys.slice(0, MAX_FIELDS).map((name) => {
    const isSecret = SECRET.test(name) || names.has(name.toLowerCase());
    const field = Object.getOwnPropertyDescriptor(value, name);
    const text = isSecret ? '***' : field && 'value' in field ? write(field.value, names, depth - 1) : '(computed)';
    return `${/^[\w$]+$/.test(name) ? name : JSON.stringify(mask(name.slice(0, MAX_LENGTH)))}: ${text}`;
  });
  if (keys.length > MAX_FIELDS) shown.push(`… ${keys.length - MAX_FIELDS} more`);
  return shown.length === 0 ? '{}' : `{ ${shown.join(', ')} }`;
}

/** A word that announces a credential, and what follows it: in JSON, in JSON within a text, in a query, in a line for people. */
const CREDENTIAL =
  /((?:\bpass|(?:passw(?:or)?d|passphrase|secret|token|api[-_]?key|authorization)\w{0,30})\\?["']?\s{0,9}[=:]\s{0,9})(?:\\"[^"]{0,400}"?|"(?:[^"\\]|\\.){0,400}"?|'(?:[^'\\]|\\.){0,400}'?|[^\s&,;"']{1,200})/gi;

/** Leaves out the user of a URL, what follows the words that announce a credential, and characters that do not show. */
function mask(text: string): string {
  return text
    .replaceAll(/(\w:\/\/)[^/?#\s@]{1,200}@/g, '$1***@')
    .replaceAll(/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, '$1 ***')
    .replaceAll(CREDENTIAL, '$1***')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
}

function cut(text: string, length = MAX_LENGTH): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
