// Not the global ones, which tests replace.
import { nextTick } from 'node:process';
import { setImmediate, setTimeout } from 'node:timers';
import { wrongType } from '../../core/errors.ts';
import { AbortListeners } from './AbortListeners.ts';
import { ActiveResources } from './ActiveResources.ts';
import { Descriptors } from './Descriptors.ts';
import { Directory } from './Directory.ts';
import { Garbage } from './Garbage.ts';
import type { Leak, LeakWatch, Watch } from './Leak.ts';
import { LeakError } from './LeakError.ts';
import { ProcessListeners } from './ProcessListeners.ts';
import { Resources } from './Resources.ts';

/** How often it looks before it says that something is left. */
const ATTEMPTS = 20;

/** All that one call of `noLeaks` watches. */
export class Watches implements LeakWatch {
  readonly #garbage = new Garbage();
  readonly #descriptors = new Descriptors();
  readonly #active = new ActiveResources();
  readonly #listeners = new ProcessListeners();
  readonly #resources = new Resources();
  readonly #all: Watch[] = [this.#resources, this.#listeners, this.#active, this.#garbage, this.#descriptors];

  readonly signal = <S extends AbortSignal>(signal: S): S => {
    if (!(signal instanceof AbortSignal)) throw wrongType('signal', 'signal', 'an AbortSignal', signal);
    this.#all.push(new AbortListeners(signal));
    return signal;
  };

  readonly collected = <O extends object>(object: O, name = 'an object'): O => {
    if ((typeof object !== 'object' && typeof object !== 'function') || object === null)
      throw wrongType('collected', 'object', 'an object', object);
    this.#garbage.watch(object, name, this.collected);
    return object;
  };

  readonly directory = (path: string): void => {
    if (typeof path !== 'string') throw wrongType('directory', 'path', 'a string', path);
    this.#all.push(new Directory(path));
  };

  /** Waits until nothing is left, but not for ever. */
  async verify(ignore: readonly RegExp[]): Promise<void> {
    // Node.js tells of a warning in a tick of its own, after what promises do. A turn of the loop would be too long: what was
    // there before, such as a loop of immediates, goes on meanwhile.
    await new Promise<void>((resolve) => nextTick(resolve));
    let leaks = this.#leaks(ignore);
    for (let i = 0; leaks.length > 0 && i < ATTEMPTS; i++) {
      const pause = Math.min(100, 0.001 * 2 ** i);
      await new Promise<unknown>((resolve) => {
        this.#resources.unseen(() => (pause < 1 ? setImmediate(resolve) : setTimeout(resolve, pause)));
      });
      leaks = this.#leaks(ignore);
    }
    if (leaks.length > 0) throw new LeakError(leaks);
  }

  stop(): void {
    for (const watch of this.#all) watch.stop();
  }

  #leaks(ignore: readonly RegExp[]): Leak[] {
    const all = this.#all.flatMap((watch) => watch.leaks());
    // The files of sockets and workers are named where they were made, if that is known.
    const isNamed = all.some(({ stack }) => stack !== '');
    const isTold = (what: string): boolean => isNamed && /^open file \d+: (?:socket|pipe):/.test(what);
    const isIgnored = (text: string): boolean => ignore.some((it) => text.search(it) !== -1);
    return all.filter(({ what, stack }) => !isTold(what) && !isIgnored(what) && !isIgnored(stack));
  }
}
