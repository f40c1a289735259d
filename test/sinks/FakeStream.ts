import { EventEmitter } from 'node:events';
import type { Writable } from 'node:stream';

/** A Node.js stream to write to that does nothing by itself: a test says when it is full, drained, closed. */
export class FakeStream extends EventEmitter {
  readonly written: unknown[] = [];
  /** Answers to writes that have not been given. */
  readonly answers: ((error?: Error | null) => void)[] = [];
  /** After how many items not yet answered it is full. */
  room = Infinity;
  destroyed = false;
  destroyedWith: unknown;
  writableEnded = false;
  /** Called with each item that is written. */
  onWrite: (item: unknown) => void = () => {};

  get writable(): boolean {
    return !this.destroyed && !this.writableEnded;
  }

  get asStream(): Writable {
    return this as unknown as Writable;
  }

  write(item: unknown, answer: (error?: Error | null) => void): boolean {
    this.written.push(item);
    this.answers.push(answer);
    this.onWrite(item);
    return this.answers.length < this.room;
  }

  /** Confirms everything that was written, and drains. */
  drain(): void {
    for (const answer of this.answers.splice(0)) answer();
    this.emit('drain');
  }

  end(): void {
    this.writableEnded = true;
  }

  destroy(error?: unknown): void {
    this.destroyed = true;
    this.destroyedWith = error;
  }

  /** How many listen to it, whatever to. */
  get listening(): number {
    return this.eventNames().reduce((sum, name) => sum + this.listenerCount(name), 0);
  }
}
