import type { EncodedError } from './codec/errorCodec.ts';

/**
 * How a thread and the pool share progress: two cells of an `Int32Array` for each of the two batches that a thread may have
 * (its places).
 *
 * CLAIM counts the items of the batch that were begun: the thread adds one and begins that item if it was below the batch's
 * length. The pool takes back what has not begun by exchanging CLAIM for TAKEN_BACK: the thread begins nothing more, and the
 * pool knows exactly what it had begun, also of a thread that has died.
 *
 * CANCEL is set when what runs is no longer wanted.
 */
export const CLAIM = 0;
export const CANCEL = 1;
export const CELLS_A_PLACE = 2;
export const PLACES = 2;
/** More than any batch has items. */
export const TAKEN_BACK = 1 << 24;

/** Sent to a thread once for each task that it is to run. */
export interface LoadMessage {
  readonly kind: 'load';
  readonly task: number;
  readonly url: string;
  readonly name: string;
  /** The module that lets a thread import TypeScript, where one is needed. */
  readonly tsx: string | undefined;
}

/** Items to run one after the other. */
export interface BatchMessage {
  readonly kind: 'batch';
  readonly place: number;
  readonly task: number;
  readonly stage: string;
  readonly items: readonly unknown[];
  /** The places of the items in the input: of the first if the others follow it, or of each. */
  readonly indexes: number | Float64Array;
  /** Which try each is, if one of them is not the first. */
  readonly attempts: readonly number[] | undefined;
  readonly keys: readonly unknown[] | undefined;
  /** Which trace each belongs to, as a `traceparent`, if the flow is traced. */
  readonly traces: readonly (string | undefined)[] | undefined;
  /** Whether buffers in results are moved. */
  readonly transfer: boolean;
}

/** The stage has room for more values of an item that gives many. */
export interface MoreMessage {
  readonly kind: 'more';
  readonly place: number;
}

/** What runs in this place is no longer wanted: for listeners of the signal; CANCEL says it sooner. */
export interface CancelMessage {
  readonly kind: 'cancel';
  readonly place: number;
}

/** The pool has another number of seats: keys that are at home elsewhere now will not come again. */
export interface ResizedMessage {
  readonly kind: 'resized';
  readonly task: number;
  readonly seats: number;
}

export type ToThread = LoadMessage | BatchMessage | MoreMessage | CancelMessage | ResizedMessage;

/** It begins to import the module of a task: one at a time. */
export interface LoadingMessage {
  readonly kind: 'loading';
  readonly task: number;
}

export interface LoadedMessage {
  readonly kind: 'loaded';
  readonly task: number;
  /** Why it could not be. */
  readonly error?: EncodedError;
  readonly reason?: string;
}

/** A batch arrived and cannot be read: it needs more of the stack, or of memory, than the thread has. */
export interface UnreadMessage {
  readonly kind: 'unread';
  /** Which of those that the thread was sent, from 0. */
  readonly turn: number;
  readonly error: EncodedError;
}

/** The results of the next items of a batch. */
export interface ResultsMessage {
  readonly kind: 'results';
  readonly place: number;
  /** One for each item; `undefined` for one that failed or gave its values before. */
  readonly values: readonly unknown[];
  /** Which of them failed, and how. */
  readonly errors: readonly (readonly [offset: number, error: EncodedError])[] | undefined;
  /** Which of them gave something that cannot be cloned. */
  readonly refused: readonly (readonly [offset: number, path: string, what: string])[] | undefined;
  /** Which of them gave their values before. */
  readonly ends: readonly number[] | undefined;
  /** Milliseconds that the work took. */
  readonly elapsed: number;
  /** Whether the thread is done with the batch. */
  readonly done: boolean;
  /** Bytes that the thread holds outside its heap, buffers above all, and in it. */
  readonly external: number;
  readonly heap: number;
}

/** Some values of the item that is running. Others follow only after `more`. */
export interface ValuesMessage {
  readonly kind: 'values';
  readonly place: number;
  readonly values: readonly unknown[];
}

export type FromThread = LoadingMessage | LoadedMessage | UnreadMessage | ResultsMessage | ValuesMessage;
