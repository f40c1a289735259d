import { availableParallelism } from 'node:os';
import type { Observable } from 'rxjs';
import { OptionReader } from '../core/options.ts';
import { readFlag } from '../core/readers.ts';
import { FLOW_OPTIONS, type FlowOptions } from './FlowOptions.ts';
import type { FlowRun, Run } from './flowRun.ts';
import { hooks } from '../core/hooks.ts';
import { reasonOf } from '../core/errors.ts';
import { readInspect, type InspectOptions } from './readInspect.ts';
import { readStart, startFlow } from './startFlow.ts';
import { subscriberContext } from './subscriberContext.ts';

/** The options of {@link run}. */
export interface RunOptions extends FlowOptions {
  /**
   * Whether to show how far the flow is, on stderr: a line for each stage, with a bar where the total is known, in a terminal; a plain
   * line every few seconds elsewhere. What the program writes itself comes out whole; what a child process writes to the same terminal may be drawn over. Default `false`.
   */
  progress?: boolean | undefined;
  /**
   * Whether to serve a page that shows the flow live, on 127.0.0.1 and nowhere else; its address is printed on stderr, and is
   * `Run.inspector.url`. The page only looks: nothing can be changed from it. Flows that run at the same time share it. Default `false`.
   */
  inspect?: boolean | InspectOptions | undefined;
  /**
   * Whether stage functions see the values that `AsyncLocalStorage`s have where `run` is called, also for items that come from
   * callbacks of sockets and timers. Costs some nanoseconds an item. Default `false`.
   */
  context?: boolean | undefined;
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
  const read = new OptionReader<RunOptions>('run', options, [...FLOW_OPTIONS, 'progress', 'inspect', 'context']);
  const start = readStart(flow, read, availableParallelism());
  const progress = readFlag(read, 'progress', false);
  const inspect = readInspect(read);
  const within = readFlag(read, 'context', false) ? subscriberContext() : undefined;
  return startFlow(
    start,
    (started) => {
      if (progress)
        load(started, 'progress', async () => (await import('./progress/showProgress.ts')).showProgress(started));
      if (inspect !== undefined)
        load(started, 'inspector', async () => {
          const { Inspector } = await import('./inspector/Inspector.ts');
          started.inspector = await Inspector.attach(started, { port: inspect.port });
        });
    },
    within &&
      ((stage) => {
        const { execute } = stage;
        stage.execute = (slot) => within(execute, slot);
      }),
  );
}

/** Loads what shows the flow. That it cannot is no reason for the flow to fail. */
function load(started: FlowRun, what: string, show: () => Promise<void>): void {
  show().catch((error: unknown) => {
    hooks.warn(`Flow "${started.name}" runs without its ${what}: ${reasonOf(error)}`, 'SLUICE_NOT_SHOWN');
  });
}
