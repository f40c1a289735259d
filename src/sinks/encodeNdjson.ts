import type { OperatorFunction } from 'rxjs';
import { inspect, reasonOf } from '../core/errors.ts';
import { operate } from '../core/operate.ts';
import { OptionReader } from '../core/options.ts';
import { readFunction } from '../core/readers.ts';
import { EncodeError } from './EncodeError.ts';

/** The options of {@link encodeNdjson}. */
export interface EncodeNdjsonOptions {
  /**
   * Called for every value in an item, the item itself included, with its key (`''` for the item); what it returns is
   * encoded instead. As the second argument of `JSON.stringify`. Default: none.
   */
  replacer?: ((key: string, value: unknown) => unknown) | undefined;
}

/**
 * Turns each item into a line of JSON: one text, ended by `'\n'`, with no other line break in it.
 *
 * ```
 * source: a-b-c|     a: { n: 1 }   b: 'x\ny'   c: [null]
 * result: r-s-t|     r: '{"n":1}\n'   s: '"x\\ny"\n'   t: '[null]\n'
 * ```
 *
 * - **Emits** one line for each item.
 * - **Holds back** never by itself: it holds nothing, and the gate below it reaches through.
 * - **Completes** with its source.
 * - **Errors** with its source, and with an `EncodeError` that names the item and the place in it, for what JSON cannot
 *   say: an item that is `undefined`, a function or a symbol, a bigint anywhere, an object that contains itself.
 *
 * Within an item the rules of JSON hold: a property that is `undefined` or a function is left out, `NaN` becomes
 * `null`, a `Date` its ISO form.
 *
 * @example
 * ```ts
 * const bigints = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
 * rows$.pipe(encodeNdjson({ replacer: bigints }), toFile('rows.ndjson'));
 * ```
 *
 * @see `map((item) => JSON.stringify(item) + '\n')`, which writes `undefined` as a line of its own, and whose error
 * does not say where it happened.
 * @param options See {@link EncodeNdjsonOptions}.
 * @throws TypeError if an option is wrong.
 */
export function encodeNdjson(options: EncodeNdjsonOptions = {}): OperatorFunction<unknown, string> {
  const read = new OptionReader<EncodeNdjsonOptions>('encodeNdjson', options, ['replacer']);
  const replacer = readFunction(read, 'replacer');
  return operate(({ out }) => {
    let index = 0;
    return {
      next(item) {
        out.next(encode(item, index++, replacer));
      },
    };
  });
}

type Replacer = EncodeNdjsonOptions['replacer'];

function encode(item: unknown, index: number, replacer: Replacer): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(item, replacer);
  } catch (cause) {
    const why = reasonOf(cause);
    throw new EncodeError('encodeNdjson', index, whereItFails(item, replacer), why, cause);
  }
  if (text !== undefined) return `${text}\n`;
  throw new EncodeError('encodeNdjson', index, '$', `JSON has no word for ${inspect(item)}`);
}

/** Encodes the item once more and follows how far that comes; `$` where that does not tell. */
function whereItFails(item: unknown, replacer: Replacer): string {
  const holders: unknown[] = [];
  const keys: string[] = [];
  let last: unknown;
  const follow = function (this: unknown, key: string, value: unknown): unknown {
    const depth = holders.lastIndexOf(this);
    holders.length = depth === -1 ? holders.length : depth + 1;
    if (depth === -1) holders.push(this);
    keys.length = holders.length - 1;
    keys.push(Array.isArray(this) ? `[${key}]` : `.${key}`);
    return (last = replacer === undefined ? value : replacer.call(this, key, value));
  };
  try {
    JSON.stringify(item, follow);
  } catch {
    // The same error again. If what was seen last did not cause it, the cause (a `toJSON`) comes somewhere behind it.
  }
  return typeof last === 'bigint' || holders.includes(last) ? `$${keys.slice(1).join('')}` : '$';
}
