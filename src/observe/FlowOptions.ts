import type { Observable } from 'rxjs';
import type { FlowObserver } from './FlowObserver.ts';
import type { Redact } from './preview.ts';

/** A process signal that can end a flow. */
export type QuitSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGQUIT' | 'SIGBREAK' | 'SIGUSR2';

/** The options of `run` that there are wherever it runs. */
export interface FlowOptions {
  /** Names the flow in its report and errors. Default `'flow'`. */
  name?: string | undefined;
  /**
   * What ends the flow gracefully: process signals, or an Observable whose first value does. The second signal ends it at
   * once. The exit code of a process that is ended by a signal is 128 plus the signal's number. A browser has no signals. Default:
   * nothing, and no signal listener is installed.
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
  /**
   * What must not be shown of items that fail, in errors, the report and the inspector: names of fields whose values are left out,
   * or a function that gives what may be shown of an item. Fields that sound like a secret (`password`, `token`, ...) never are.
   * Default: nothing besides these.
   */
  redact?: Redact | undefined;
  /** Is told of the flow and of the work in it: what `openTelemetry` of `sluice/opentelemetry` gives. Default: nobody. */
  telemetry?: FlowObserver | undefined;
}

/** Their names. */
export const FLOW_OPTIONS = [
  'name',
  'quitOn',
  'grace',
  'signal',
  'deadline',
  'strict',
  'redact',
  'telemetry',
] as const satisfies readonly (keyof FlowOptions)[];
