import { isObservable, type Observable } from 'rxjs';
import { holds, isArrayOf, type OptionReader } from '../core/options.ts';
import type { FlowOptions, QuitSignal } from './FlowOptions.ts';
import type { FlowRun } from './flowRun.ts';

/** What ends a flow gracefully: checked. */
export type QuitOn = FlowOptions['quitOn'];

export function readQuitOn(read: OptionReader<FlowOptions>): QuitOn {
  const quitOn = read.get('quitOn');
  if (quitOn === undefined || isObservable(quitOn)) return quitOn;
  // A browser has no process that could be sent one.
  const areThere = holds(() => typeof process.on === 'function');
  if (isArrayOf(quitOn, (signal): signal is QuitSignal => areThere && isQuitSignal(signal))) return quitOn;
  const list = areThere ? `, or a list of ${Object.keys(SIGNALS).join(', ')}` : ': there are no signals here';
  throw read.wrong('quitOn', `an Observable${list}`, quitOn);
}

/** Ends a flow when `quitOn` says so. Gives what stops listening. */
export function listen(started: FlowRun, quitOn: QuitOn): () => void {
  return Array.isArray(quitOn)
    ? quitOnSignals(started, quitOn as readonly QuitSignal[])
    : quitOnValue(started, quitOn as Observable<unknown> | undefined);
}

const SIGNALS: Record<QuitSignal, number> = {
  SIGINT: 2,
  SIGTERM: 15,
  SIGHUP: 1,
  SIGQUIT: 3,
  SIGBREAK: 21,
  SIGUSR2: 12,
};

function isQuitSignal(value: unknown): value is QuitSignal {
  return typeof value === 'string' && Object.hasOwn(SIGNALS, value);
}

function quitOnValue(started: FlowRun, quitOn: Observable<unknown> | undefined): () => void {
  const subscription = quitOn?.subscribe({
    next: () => void started.shutdown(),
    error: (error: unknown) => started.abort(error),
  });
  return () => subscription?.unsubscribe();
}

/** First signal: gracefully. Second: at once. Listens until the flow has ended, so that a third has its usual effect. */
function quitOnSignals(started: FlowRun, signals: readonly QuitSignal[]): () => void {
  let count = 0;
  const onSignal = (signal: QuitSignal): void => {
    process.exitCode = 128 + SIGNALS[signal];
    count++;
    if (count === 1) void started.shutdown();
    else {
      started.abort(new Error(`Received a second signal (${signal})`));
      exitAfter(FORCED_EXIT);
    }
  };
  started.onEnd((ended) => {
    // The grace is over, and what hangs may keep the process alive.
    if (count === 1 && ended === 'aborted') exitAfter(LAST_WORDS);
  });
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/** Ends the process, with the exit code set before, if something still keeps it alive by then. */
function exitAfter(ms: number): void {
  // oxlint-disable-next-line unicorn/no-process-exit -- what `quitOn` promises, for a process that would hang otherwise
  setTimeout(() => process.exit(), ms).unref();
}

const FORCED_EXIT = 100;
const LAST_WORDS = 900;
