import { isObservable, type Observable } from 'rxjs';
import { wrongType } from '../core/errors.ts';
import { readDuration, readFlag } from '../core/readers.ts';
import { holds, isArrayOf, OptionReader } from '../core/options.ts';
import { FlowRun, type Run } from './flowRun.ts';

/** A process signal that can end a flow. */
export type QuitSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGQUIT' | 'SIGBREAK' | 'SIGUSR2';

/** The options of {@link run}. */
export interface RunOptions {
  /** Names the flow in its report and errors. Default `'flow'`. */
  name?: string | undefined;
  /**
   * What ends the flow gracefully: process signals, or an Observable whose first value does. The second signal ends it at
   * once. The exit code of a process that is ended by a signal is 128 plus the signal's number. Default: nothing, and no
   * signal listener is installed.
   */
  quitOn?: readonly QuitSignal[] | Observable<unknown> | undefined;
  /** How many milliseconds a flow that quits may take before it is aborted: 0 to 2147483647. Default 10,000. */
  grace?: number | undefined;
  /** Aborts the flow. */
  signal?: AbortSignal | undefined;
  /** How many milliseconds the flow may take in all before it is aborted: 0 to 2147483647. Default: as long as it takes. */
  deadline?: number | undefined;
  /** Whether the first item that overruns a gate fails the flow. Default `false`: it is kept, and a warning given. */
  strict?: boolean | undefined;
}

/**
 * Subscribes a flow and owns its life: it ends it gracefully on a signal, sees to it that the event loop gets a turn at
 * least every 10 ms, and reports what every stage did.
 *
 * - **Gracefully** (`shutdown()`, `quitOn`): sources stop, what is in flight finishes, buffers empty, sinks flush.
 *   A source that cannot be told to stop is cut off at the first stage below it.
 * - **At once** (`abort()`, `signal`, `deadline`, a second signal, the end of `grace`): everything is unsubscribed, and the
 *   report counts what was abandoned.
 *
 * @example
 * ```ts
 * const report = await run(lines('in.txt').pipe(workerPool(store, { concurrency: 8 })), { quitOn: ['SIGINT'] }).done;
 * console.log(formatReport(report));
 * ```
 *
 * It costs two looks at the clock for at most one item in sixteen of a fast stage. Leave it out where a flow is part of
 * something that has its own life: a stage works the same without.
 *
 * @see `lastValueFrom` of RxJS, which gives the last value and no report.
 * @param flow The whole flow, sinks included. Its values are counted and not kept.
 * @param options See {@link RunOptions}.
 * @returns See {@link Run}: `done` rejects with a `FlowError` if the flow fails.
 * @throws TypeError or RangeError if an argument is wrong.
 */
export function run(flow: Observable<unknown>, options: RunOptions = {}): Run {
  if (!holds(() => isObservable(flow))) throw wrongType('run', 'flow', 'an Observable', flow);
  const read = new OptionReader('run', options, ['name', 'quitOn', 'grace', 'signal', 'deadline', 'strict']);
  const settings = {
    name: read.stageName('flow'),
    grace: readDuration(read, 'grace') ?? 10_000,
    strict: readFlag(read, 'strict', false),
  };
  const quitOn = checkQuitOn(read);
  const signal = read.get('signal');
  if (signal !== undefined && !holds(() => signal instanceof AbortSignal)) {
    throw wrongType('run', 'signal', 'an AbortSignal', signal);
  }
  const deadline = readDuration(read, 'deadline');
  const started = new FlowRun(settings);

  if (signal?.aborted === true) {
    started.abort(signal.reason);
    return started;
  }
  const abort = (): void => started.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const timer =
    deadline === undefined
      ? undefined
      : setTimeout(() => started.abort(new Error(`The deadline of ${deadline} ms has passed`)), deadline);
  const stopListening = Array.isArray(quitOn)
    ? quitOnSignals(started, quitOn as readonly QuitSignal[])
    : quitOnValue(started, quitOn as Observable<unknown> | undefined);
  const release = (): void => {
    signal?.removeEventListener('abort', abort);
    clearTimeout(timer);
    stopListening();
  };
  started.onEnd(release);
  started.start(flow);
  return started;
}

const SIGNALS: Record<QuitSignal, number> = {
  SIGINT: 2,
  SIGTERM: 15,
  SIGHUP: 1,
  SIGQUIT: 3,
  SIGBREAK: 21,
  SIGUSR2: 12,
};

function checkQuitOn(read: OptionReader<RunOptions>): RunOptions['quitOn'] {
  const quitOn = read.get('quitOn');
  if (quitOn === undefined || isObservable(quitOn)) return quitOn;
  if (isArrayOf(quitOn, isQuitSignal)) return quitOn;
  throw read.wrong('quitOn', `an Observable, or a list of ${Object.keys(SIGNALS).join(', ')}`, quitOn);
}

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
