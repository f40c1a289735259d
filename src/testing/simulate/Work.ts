import type { StageOutput } from '../../core/execute.ts';
import type { DeadLetter } from '../../core/options.ts';
import type { ItemContext } from '../../core/slot.ts';
import type { Given, Item } from './Item.ts';
import { Outputs, type OutputListener } from './Outputs.ts';
import type { Scene } from './Scene.ts';
import { checkCall, checkRunning } from './checkCall.ts';
import { describeTask } from './describe.ts';

/** The function that the operator under test calls for each item, and the dead letter that it may hand failures to. */
export class Work implements OutputListener {
  /** How many times the function was called. */
  calls = 0;
  readonly #scene: Scene;
  readonly #outputs: Outputs;
  readonly #errors = new Map<Item, unknown>();

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#outputs = new Outputs(scene, this);
  }

  /** The function. */
  readonly begin = (index: number, context: ItemContext): StageOutput<string> => {
    const { items, journal } = this.#scene;
    const item = items.all[index];
    if (item === undefined) throw new Error(`The function was called with ${String(index)}, which is no item`);
    journal.note(() => `fn(${index}) is called: ${describeTask(item.task)}`);
    checkCall(this.#scene, item);
    item.state = 'running';
    item.context = context;
    checkRunning(this.#scene, item);
    const output = this.#outputs.of(item);
    this.#scene.perform('call', this.calls++);
    if (item.task.kind === 'throw') throw this.fail(item);
    if (item.task.kind === 'value') return this.give(item, 'done');
    return output;
  };

  /** Where the operator hands its failures, with `onError: 'deadLetter'`. */
  readonly deadLetter = (letter: DeadLetter<number>): void | PromiseLike<void> => {
    const { items, journal, clock, schedule } = this.#scene;
    const item = items.all[letter.item];
    journal.note(() => `the dead letter of item ${letter.item} is handed over`);
    if (item?.state !== 'letter' || item.take !== undefined || this.#errors.get(item) !== letter.error)
      return journal.break('error', `a dead letter for item ${letter.item}, which is not what failed`);
    const taken = (): void => {
      item.state = 'failed';
    };
    item.take = taken;
    if (schedule.letterTime === 0) return taken();
    return new Promise((resolve) => {
      const take = (): void => {
        timer.unsubscribe();
        taken();
        resolve();
      };
      const timer = clock.after(schedule.letterTime, take);
      item.take = take;
    });
  };

  /** Gives the operator one value; `state` says whether more will come. */
  give(item: Item, state: 'running' | 'done'): string {
    const { rules, journal, isOver } = this.#scene;
    const name = `${item.index}.${item.given.length}`;
    journal.note(() => `task ${item.index} gives "${name}"`);
    if (isOver) return name;
    if (!rules.discards) this.#note(item, name);
    item.state = state;
    return name;
  }

  /** Ends the work on an item without a further value. */
  finish(item: Item): void {
    if (this.#scene.isOver) return;
    this.#scene.journal.note(() => `task ${item.index} ends`);
    item.state = 'done';
  }

  /** Ends the work on an item with an error, which it gives. */
  fail(item: Item): Error {
    const { journal, rules, failures, isOver } = this.#scene;
    const error = new Error(`task ${item.index} failed`);
    journal.note(() => `task ${item.index} fails`);
    if (isOver) return error;
    this.#errors.set(item, error);
    if (rules.onError === 'stop') failures.push(error);
    if (rules.onError === 'emit') this.#note(item, `${item.index} failed`);
    item.state = rules.onError === 'deadLetter' ? 'letter' : 'failed';
    return error;
  }

  /** What a promise gives has its place in the order when the operator is told. */
  #note(item: Item, name: string): void {
    const { items, clock } = this.#scene;
    const { kind } = item.task;
    const isPromise = kind === 'promise' || kind === 'rejection' || kind === 'stubborn';
    const given: Given = { frame: clock.now, rank: isPromise ? undefined : items.nextRank() };
    item.give(name, given);
    if (isPromise) item.told = () => (given.rank ??= items.nextRank());
  }
}
