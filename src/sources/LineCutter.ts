import { wrongType } from '../core/errors.ts';
import type { Cutter } from './pump.ts';

/** How lines are cut. */
export interface LineSettings {
  readonly encoding: 'utf8' | 'latin1';
  /** How many bytes a line may have. */
  readonly maxLength: number;
  /** Called with the number of a line that has more. What it throws ends the source; otherwise the line is left out. */
  readonly tooLong: (line: number) => void;
}

/**
 * Cuts lines out of chunks of bytes or text.
 *
 * It looks for line ends among the bytes, where no part of a longer UTF-8 character looks like one, and decodes a few lines
 * together, or a longer one by itself. Since a string cut out of another keeps that one in memory, the blocks are short.
 */
export class LineCutter implements Cutter<string> {
  item = '';
  readonly #settings: LineSettings;
  #encoding: 'utf8' | 'latin1';
  #chunk: Buffer = EMPTY;
  /** Where in the chunk the next line begins that has not been decoded. */
  #from = 0;
  /** Whole lines, decoded together; the next begins at `#at`. */
  #block = '';
  #at = 0;
  /** What earlier chunks held of that line: the first `#startLength` bytes of this. */
  #start: Buffer = EMPTY;
  #startLength = 0;
  /** The number of the line that was cut or left out last. */
  #line = 0;
  /** Whether that line was left out, and its end has not come yet. */
  #isPassing = false;
  #ended = false;
  /** The first half of a character in the middle of which a chunk of text ended. */
  #half = '';

  constructor(settings: LineSettings) {
    this.#settings = settings;
    this.#encoding = settings.encoding;
  }

  next(): boolean {
    for (;;) {
      if (this.#at < this.#block.length || this.#decodeBlock()) return this.#cutFromBlock();
      const from = this.#from;
      const to = this.#chunk.indexOf(NEWLINE, from);
      if (to === -1) return this.#reachEnd();
      this.#from = to + 1;
      if (this.#isPassing) this.#isPassing = false;
      else if (this.#startLength === 0) {
        if (this.#cut(this.#chunk, from, to, true)) return true;
      } else if (this.#keep(from, to) && this.#cutStart(true)) return true;
    }
  }

  push(chunk: unknown): void {
    this.#chunk = this.#bytesOf(chunk);
    this.#from = 0;
  }

  end(): boolean {
    this.#ended = true;
    if (this.#half !== '') this.push(Buffer.concat([this.#chunk.subarray(this.#from), Buffer.from(this.#half)]));
    return this.#at < this.#block.length || this.#from < this.#chunk.length || this.#startLength > 0;
  }

  /** Decodes as many whole lines as a block takes, if lines that short need no closer look. Says whether there are any. */
  #decodeBlock(): boolean {
    if (this.#startLength > 0 || this.#isPassing || this.#settings.maxLength < BLOCK) return false;
    const from = this.#from;
    const last = this.#chunk.lastIndexOf(NEWLINE, from + BLOCK - 1);
    if (last < from) return false;
    this.#block = this.#chunk.toString(this.#encoding, from, last + 1);
    this.#at = this.#line === 0 && this.#block.startsWith('\uFEFF') ? 1 : 0;
    this.#from = last + 1;
    return true;
  }

  #cutFromBlock(): boolean {
    const from = this.#at;
    const to = this.#block.indexOf('\n', from);
    this.#at = to + 1;
    this.#line++;
    this.item = this.#block.slice(from, to > from && this.#block.charCodeAt(to - 1) === RETURN ? to - 1 : to);
    return true;
  }

  /** Keeps what is left of the chunk, or cuts the last line if there will be no other chunk. */
  #reachEnd(): boolean {
    const { length } = this.#chunk;
    if (this.#from < length && !this.#isPassing) this.#isPassing = !this.#keep(this.#from, length);
    this.#chunk = EMPTY;
    this.#from = 0;
    // It is empty if the file holds no more than a byte order mark.
    return this.#ended && this.#startLength > 0 && this.#cutStart(false) && this.item !== '';
  }

  /** Adds a part of the chunk to the start of a line. Says whether the line may be that long. */
  #keep(from: number, to: number): boolean {
    const length = this.#startLength + to - from;
    const most = this.#settings.maxLength + BESIDES;
    if (length > most) {
      this.#startLength = 0;
      this.#settings.tooLong(++this.#line);
      return false;
    }
    if (length > this.#start.length) {
      const longer = Buffer.allocUnsafe(Math.min(Math.max(length, this.#start.length * 2, SHORT), most));
      this.#start.copy(longer, 0, 0, this.#startLength);
      this.#start = longer;
    }
    this.#chunk.copy(this.#start, this.#startLength, from, to);
    this.#startLength = length;
    return true;
  }

  #cutStart(hasEnd: boolean): boolean {
    const length = this.#startLength;
    this.#startLength = 0;
    return this.#cut(this.#start, 0, length, hasEnd);
  }

  /** Makes a line of some bytes without their newline. Says whether it may be that long. */
  #cut(bytes: Buffer, from: number, to: number, hasEnd: boolean): boolean {
    if (this.#line++ === 0 && this.#encoding === 'utf8' && bytes.indexOf(BYTE_ORDER_MARK, from) === from) from += 3;
    if (hasEnd && to > from && bytes[to - 1] === RETURN) to--;
    if (to - from > this.#settings.maxLength) {
      this.#settings.tooLong(this.#line);
      return false;
    }
    this.item = bytes.toString(this.#encoding, from, to);
    return true;
  }

  #bytesOf(chunk: unknown): Buffer {
    if (Buffer.isBuffer(chunk)) return chunk;
    if (chunk instanceof Uint8Array) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (typeof chunk !== 'string') throw wrongType('lines', 'source', 'a stream of bytes or text', chunk);
    this.#encoding = 'utf8';
    let text = this.#half + chunk;
    this.#half = '';
    if (isHighSurrogate(text.charCodeAt(text.length - 1))) {
      this.#half = text.slice(-1);
      text = text.slice(0, -1);
    }
    return Buffer.from(text);
  }
}

function isHighSurrogate(codeUnit: number): boolean {
  return codeUnit >= 0xd800 && codeUnit < 0xdc00;
}

const NEWLINE = 10;
const RETURN = 13;
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');
/** What a line may have besides its own bytes before it is cut: a carriage return and a byte order mark. */
const BESIDES = 4;
const EMPTY = Buffer.alloc(0);
/** How many bytes are decoded together at most: enough to be fast, and few enough to be kept for one line. */
const BLOCK = 1024;
/** How many bytes are set aside at least for the start of a line. */
const SHORT = 256;
