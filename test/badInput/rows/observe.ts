import { EMPTY } from 'rxjs';
import { formatReport, named, run, type Run } from '../../../src/index.ts';
import { describe } from '../../../src/observe.ts';
import { openTelemetry } from '../../../src/opentelemetry.ts';
import { outOfRange, wrongType, wrongValue } from '../BadValue.ts';
import { count, duration, flag, observable, options, signal, stageName, type Kind } from '../kinds.ts';
import { HUGE, oddNonArrays, oddValues } from '../oddValues.ts';
import { row, type Row } from '../Row.ts';
import { untouched$, untouchedFn } from '../untouched.ts';

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

export const observeRows: readonly Row[] = [
  row('run', run, {
    good: () => [untouched$, {}],
    args: [{ name: 'flow', ...observable }],
    options: {
      name: stageName,
      quitOn,
      grace: duration,
      signal,
      deadline: duration,
      strict: flag,
      redact,
      telemetry,
      progress: off,
      inspect,
      context: flag,
    },
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
