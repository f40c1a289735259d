import { Item, type Given } from './Item.ts';
import { show } from './describe.ts';
import type { Journal } from './Journal.ts';
import type { Rules } from './Rules.ts';
import type { Task } from './schedule.ts';

/** All items of one run: which were sent, what has left, and whether that was right. */
export class Items {
  readonly all: readonly Item[];
  /** How many the operator has said it gave up. */
  told = 0;
  readonly #rules: Rules;
  readonly #journal: Journal;
  /** Completion order: the latest of what was given and has left. */
  readonly #latest = { frame: 0, rank: 0 };
  #rank = 0;

  constructor(tasks: readonly Task[], rules: Rules, journal: Journal) {
    this.all = tasks.map((task, index) => new Item(index, task, rules.key?.(index)));
    this.#rules = rules;
    this.#journal = journal;
  }

  /** How many the operator must be holding, whatever it says. */
  get held(): number {
    return this.all.filter((item) => item.isHeld).length;
  }

  /** How many are being worked on, of one key if one is given. */
  running(key?: { readonly key: unknown }): number {
    return this.all.filter((item) => item.isUnfinished && (key === undefined || item.key === key.key)).length;
  }

  /** The next place in the order in which the operator is told of values. */
  nextRank(): number {
    return ++this.#rank;
  }

  /** Takes what has left the operator. */
  deliver(value: unknown): void {
    if (this.#rules.discards) return this.#journal.break('conservation', `${show(value)} leaves a sink`);
    const parts = this.#rules.contents(value);
    for (const part of parts) {
      if (typeof part === 'number') this.#pass(part);
      else this.#leave(part);
    }
  }

  /** Takes an item that the operator has given up. */
  drop(index: unknown): void {
    this.#journal.note(() => `item ${show(index)} is dropped`);
    const item = this.all[index as number];
    if (!this.#rules.drops) this.#journal.break('conservation', `item ${show(index)} is dropped`);
    else if (item?.isHeld !== true || item.state !== 'sent')
      this.#journal.break('conservation', `${show(index)} is dropped, and is not there to be dropped`);
    else {
      item.state = 'dropped';
      this.told++;
    }
  }

  /** An item that comes out as it went in. */
  #pass(index: number): void {
    const item = this.all[index];
    if (item === undefined || item.state === 'unsent')
      return this.#journal.break('conservation', `item ${index} leaves, and never arrived`);
    if (item.state !== 'sent')
      return this.#journal.break('conservation', `item ${index} leaves itself, after it was ${wordOf(item)}`);
    if (item.delivered > 0) return this.#journal.break('conservation', `item ${index} leaves twice`);
    const later = this.all.find((other) => other.index > index && other.delivered > 0);
    if (this.#rules.order !== 'none' && later !== undefined)
      this.#journal.break('order', `item ${index} leaves after item ${later.index}`);
    item.delivered++;
  }

  /** A value that the function gave for an item. */
  #leave(name: unknown): void {
    const item = typeof name === 'string' ? this.all[parseInt(name, 10)] : undefined;
    const place = item?.names.indexOf(name as string) ?? -1;
    if (item === undefined || place === -1)
      return this.#journal.break('conservation', `${show(name)} leaves, and nobody gave it`);
    if (place < item.delivered) return this.#journal.break('conservation', `${show(name)} leaves twice`);
    if (place > item.delivered)
      this.#journal.break('order', `${show(name)} leaves before ${show(item.names[item.delivered])}`);
    this.#checkOrder(item, item.given[place]!);
    item.delivered++;
  }

  #checkOrder(item: Item, { frame, rank }: Given): void {
    const { order } = this.#rules;
    if (order === 'input') {
      const earlier = this.all.find((other) => other.index < item.index && other.isHeld);
      if (earlier !== undefined)
        this.#journal.break(
          'order',
          `a value of item ${item.index} leaves while item ${earlier.index} is still inside`,
        );
    }
    // An async iterable is asked for its next value before there is room for it: when it gave it says nothing.
    if (order !== 'completion' || item.task.kind === 'iterable') return;
    const latest = this.#latest;
    if (frame < latest.frame || (rank !== undefined && rank < latest.rank))
      this.#journal.break('order', `a value of item ${item.index}, given at ${frame}, leaves after one given later`);
    latest.frame = Math.max(latest.frame, frame);
    latest.rank = Math.max(latest.rank, rank ?? 0);
  }
}

function wordOf({ state }: Item): string {
  return state === 'dropped' ? 'dropped' : 'given to the function';
}
