import type { ErrorType } from './errorParts.ts';

/** Something thrown, as plain data that structured clone carries. A circular error is circular here, too. */
export type EncodedError = string | number | bigint | boolean | null | undefined | EncodedNode;

/** What an object holds under its keys. */
export type Fields = Record<string, EncodedError>;

/** An object; where it was met again, the same node stands. */
export type EncodedNode =
  | {
      readonly kind: 'error';
      readonly type: ErrorType;
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      /** What `Object.keys` does not show. */
      hidden?: Fields;
      fields?: Fields;
    }
  | { readonly kind: 'list'; readonly items: EncodedError[] }
  | { readonly kind: 'map'; readonly entries: [EncodedError, EncodedError][] }
  | { readonly kind: 'set'; readonly items: EncodedError[] }
  | { readonly kind: 'object'; fields: Fields }
  /** What structured clone carries as it is: dates, buffers, lists of numbers. */
  | { readonly kind: 'clone'; readonly value: unknown };

/** An error. */
export type ErrorNode = Extract<EncodedNode, { kind: 'error' }>;
