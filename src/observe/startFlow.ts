import { isObservable, type Observable } from 'rxjs';
import type { WorkingStage } from '../core/flow.ts';
import { wrongType } from '../core/errors.ts';
import { holds, isArrayOf, isFunction, type OptionReader } from '../core/options.ts';
import { readDuration, readFlag } from '../core/readers.ts';
import type { FlowOptions } from './FlowOptions.ts';
import { FlowRun, type FlowSettings } from './flowRun.ts';
import { noteOrigins } from './origins.ts';
import type { Redact } from './preview.ts';
import { listen, readQuitOn, type QuitOn } from './quitOn.ts';

/** What `run` is told: checked. */
export interface Start {
  readonly flow: Observable<unknown>;
  readonly settings: FlowSettings;
  readonly quitOn: QuitOn;
  readonly signal: AbortSignal | undefined;
  readonly deadline: number | undefined;
}

/**
 * Reads the options that `run` has wherever it runs. `cores` is how many threads can run at once.
 *
 * @throws TypeError or RangeError if one of them, or `flow`, is wrong.
 */
export function readStart(flow: Observable<unknown>, read: OptionReader<FlowOptions>, cores: number): Start {
  if (!holds(() => isObservable(flow))) throw wrongType('run', 'flow', 'an Observable', flow);
  const settings = {
    name: read.stageName('flow'),
    grace: readDuration(read, 'grace') ?? 10_000,
    strict: readFlag(read, 'strict', false),
    redact: readRedact(read),
    telemetry: readTelemetry(read),
    cores,
  };
  const quitOn = readQuitOn(read);
  const signal = read.get('signal');
  if (signal !== undefined && !holds(() => signal instanceof AbortSignal)) {
    throw wrongType('run', 'signal', 'an AbortSignal', signal);
  }
  return { flow, settings, quitOn, signal, deadline: readDuration(read, 'deadline') };
}

/**
 * Starts a flow. `attach` gets the run before anything is subscribed; `carry` puts the work of a stage into the context that it is to
 * see.
 */
export function startFlow(
  { flow, settings, quitOn, signal, deadline }: Start,
  attach?: (started: FlowRun) => void,
  carry?: <T, R>(stage: WorkingStage<T, R>) => void,
): FlowRun {
  const started = new FlowRun({ ...settings, carry });
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
  const stopListening = listen(started, quitOn);
  started.onEnd(() => {
    signal?.removeEventListener('abort', abort);
    clearTimeout(timer);
    stopListening();
  });
  attach?.(started);
  started.start(flow);
  return started;
}

// Whoever can run a flow can tell people where its stages were made.
noteOrigins();

function readRedact(read: OptionReader<FlowOptions>): Redact | undefined {
  const redact: unknown = read.get('redact');
  if (redact === undefined || isFunction(redact)) return redact as Redact | undefined;
  if (isArrayOf(redact, (name): name is string => typeof name === 'string')) return redact;
  throw read.wrong('redact', 'a list of names of fields, or a function', redact);
}

function readTelemetry(read: OptionReader<FlowOptions>): FlowSettings['telemetry'] {
  const telemetry = read.get('telemetry');
  if (telemetry === undefined || holds(() => typeof telemetry.begin === 'function')) return telemetry;
  throw read.wrong('telemetry', 'an object with a function begin, such as openTelemetry() gives', telemetry);
}
