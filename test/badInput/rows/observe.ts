import { Readable } from 'node:stream';
import { EMPTY } from 'rxjs';
import { formatReport, named, run, type Run } from '../../../src/index.ts';
import { compare, describe } from '../../../src/observe.ts';
import { run as browserRun } from '../../../src/browser.ts';
import { openTelemetry } from '../../../src/opentelemetry.ts';
import { outOfRange, wrongType, wrongValue } from '../BadValue.ts';
import { count, duration, flag, observable, options, signal, stageName, type Kind } from '../kinds.ts';
import { HUGE, oddNonArrays, oddValues } from '../oddValues.ts';
import { row, type Row } from '../Row.ts';
import { untouched$, untouchedFn, untouchedIterable } from '../untouched.ts';

const quitOn: Kind = {
  good: [[], ['SIGINT'], ['SIGINT', 'SIGTERM'], EMPTY],
  bad: [
    ...wrongType(...oddNonArrays),
    ...wrongType(['SIGKILL'], ['__proto__'], ['constructor'], [undefined], new Array(1), new Array(2 ** 32 - 1)),
    ...wrongType(['SIGINT', 2], [{ toString: () => 'SIGINT' }], [['SIGINT']], 0, true, untouchedFn),
    ...wrongValue('', 'SIGINT', HUGE),
  ],
};

/** What shows a flow is tested with it: here nothing is to be shown. */
const off: Kind = { good: [false], bad: flag.bad };
const inspect: Kind = {
  good: [false],
  bad: [
    ...options.bad.filter(({ value }) => value !== true && !(typeof value === 'string')),
    ...wrongValue('', 'yes', HUGE),
  ],
};
const redact: Kind = {
  good: [[], ['card', 'ssn'], untouchedFn],
  bad: [...wrongType(...oddNonArrays, [1], [undefined], new Array(1), 0, true), ...wrongValue('', 'card', HUGE)],
};
const telemetry: Kind = {
  good: [
    {
      begin: () => ({ start: (go: () => void) => go(), around: untouchedFn, traceparent: untouchedFn, end: () => {} }),
    },
  ],
  bad: [...wrongType(...oddValues, 0, true, untouchedFn, { begin: 1 }, [() => {}]), ...wrongValue('', 'begin', HUGE)],
};

/** An object with this function. */
const provider = (method: string): Kind => ({
  good: [{ [method]: untouchedFn }],
  bad: wrongType(...oddValues, 0, '', 'global', true, untouchedFn, { [method]: 1 }),
});

const report = await run(EMPTY).done;
const reports: Kind = {
  good: [report],
  bad: wrongType(...oddValues, undefined, 0, '', 'text', HUGE, true, untouchedFn, Promise.resolve(report)).concat(
    wrongType({ ...report, stages: [{}] }, { ...report, elapsed: '1' }, { ...report, stages: new Array(1) }),
    wrongType({ ...report, advice: undefined }, { ...report, stages: { map: untouchedFn } }),
  ),
};

/** What can be read again and again. */
const input: Kind = {
  good: [untouchedIterable, [], new Set(), () => [], { async *[Symbol.asyncIterator]() {} }],
  bad: wrongType(undefined, null, 0, '', 'text', true, 2n, {}, [].values(), Readable.from([]), new ReadableStream()),
};

/** How often something is done. */
const rounds = (least: number): Kind => ({
  good: [least, least + 1, 100],
  bad: [...outOfRange(NaN, -1, least - 1, 1.5, 101, Infinity), ...wrongType(...oddValues, '10', true)],
});

const everywhere = {
  name: stageName,
  quitOn,
  grace: duration,
  signal,
  deadline: duration,
  strict: flag,
  redact,
  telemetry,
};

export const observeRows: readonly Row[] = [
  row('run', browserRun, {
    good: () => [untouched$, {}],
    args: [{ name: 'flow', ...observable }],
    options: everywhere,
    end: (result) => (result as Run).done,
  }),
  row('compare', compare, {
    // A comparison that has been called off before it begins has checked what it was given, and runs nothing.
    good: () => [{ input: [1], a: untouchedFn, b: untouchedFn, signal: AbortSignal.abort() }],
    args: [],
    options: { input, rounds: rounds(6), warmup: rounds(0), signal },
    needsOptions: true,
    takesAnyKey: true,
    end: (result) => (result as Promise<unknown>).catch(() => {}),
  }),
  row('run', run, {
    good: () => [untouched$, {}],
    args: [{ name: 'flow', ...observable }],
    options: { ...everywhere, progress: off, inspect, context: flag },
    clashes: [...outOfRange(-1, 1.5, 65_536, NaN), ...wrongType('80', null)].map(({ value, ...rest }) => ({
      ...rest,
      value,
      options: { inspect: { port: value } },
      option: 'port',
    })),
    end: (result) => (result as Run).done,
  }),
  row('formatReport', formatReport, {
    good: () => [report],
    args: [{ name: 'report', ...reports }],
  }),
  row('describe', describe, {
    good: () => [report],
    args: [{ name: 'stats', ...reports }],
  }),
  row('openTelemetry', openTelemetry, {
    good: () => [{}],
    args: [],
    options: {
      items: count(0),
      meterProvider: provider('getMeter'),
      tracerProvider: provider('getTracer'),
    },
  }),
  row('named', named, {
    good: () => ['parse'],
    args: [{ name: 'name', ...stageName }],
  }),
];
