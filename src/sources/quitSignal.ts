import { constants } from 'node:os';
import { Observable } from 'rxjs';
import { wrongType, wrongValue } from '../core/errors.ts';
import { nearestSignal } from './nearestSignal.ts';

/**
 * Emits the name of the first signal that the process receives, and completes.
 *
 * ```
 * SIGINT:  ------x--x
 * SIGTERM: ----------x
 * result:  ------(s|)       s: 'SIGINT'
 * ```
 *
 * - **Emits** the name of the first of `signals`.
 * - **Holds back** nothing: it emits once.
 * - **Completes** with that signal. Without one it never does.
 * - **Errors** never.
 *
 * It listens only while it is subscribed, and no more once the first signal has come: the second has its usual effect, which for
 * `SIGINT` and `SIGTERM` is the end of the process. It does not keep the process alive, and leaves `process.exitCode` alone.
 *
 * @example
 * ```ts
 * interval(1000).pipe(takeUntil(quitSignal())).subscribe(console.log); // until Ctrl-C
 * ```
 *
 * @see `quitOn` of `run`, which ends a flow gracefully, at once with the second signal, and sets the exit code.
 * @param signals Names of signals, such as `'SIGHUP'`. Default `'SIGINT', 'SIGTERM'`.
 * @throws TypeError if one of them is no name of a signal, or one that no process can catch (`SIGKILL`, `SIGSTOP`).
 */
export function quitSignal(): Observable<'SIGINT' | 'SIGTERM'>;
export function quitSignal<S extends Exclude<NodeJS.Signals, 'SIGKILL' | 'SIGSTOP'>>(...signals: S[]): Observable<S>;
export function quitSignal(...signals: NodeJS.Signals[]): Observable<NodeJS.Signals> {
  signals.forEach(check);
  const names = signals.length === 0 ? DEFAULT : new Set(signals);
  return new Observable((subscriber) => {
    const listeners = [...names].map((name) => [name, () => received(name)] as const);
    const release = (): void => {
      for (const [name, listener] of listeners) process.off(name, listener);
    };
    const received = (name: NodeJS.Signals): void => {
      // Before anything is made of it: what comes of the next signal is not up to how long that takes.
      release();
      subscriber.next(name);
      subscriber.complete();
    };
    for (const [name, listener] of listeners) process.on(name, listener);
    // Last: of a subscriber that has ended already it is called at once.
    subscriber.add(release);
  });
}

const DEFAULT: ReadonlySet<NodeJS.Signals> = new Set(['SIGINT', 'SIGTERM']);

const UNCATCHABLE: ReadonlySet<string> = new Set(['SIGKILL', 'SIGSTOP']);

/** Those of every platform: one of another never comes here. The likeliest first, should two be equally near to what was typed. */
const LIKELY = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGBREAK'];
const KNOWN = [...new Set([...LIKELY, ...Object.keys(constants.signals)])].filter((name) => !UNCATCHABLE.has(name));

function check(signal: unknown, index: number): void {
  const option = `signals[${index}]`;
  if (typeof signal !== 'string')
    throw wrongType('quitSignal', option, "the name of a signal, such as 'SIGINT'", signal);
  if (UNCATCHABLE.has(signal)) {
    throw wrongValue('quitSignal', option, 'a signal that can be caught, as SIGKILL and SIGSTOP cannot', signal);
  }
  if (KNOWN.includes(signal)) return;
  const nearest = nearestSignal(signal, KNOWN);
  const error = wrongValue('quitSignal', option, "the name of a signal, such as 'SIGINT'", signal);
  if (nearest !== undefined) error.message += `. Did you mean "${nearest}"?`;
  throw error;
}
