import { EMPTY } from 'rxjs';
import { formatReport, run, type Run } from '../../../src/index.ts';
import { wrongType, wrongValue } from '../BadValue.ts';
import { duration, flag, observable, signal, stageName, type Kind } from '../kinds.ts';
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

const report = await run(EMPTY).done;

export const observeRows: readonly Row[] = [
  row('run', run, {
    good: () => [untouched$, {}],
    args: [{ name: 'flow', ...observable }],
    options: { name: stageName, quitOn, grace: duration, signal, deadline: duration, strict: flag },
    end: (result) => (result as Run).done,
  }),
  row('formatReport', formatReport, {
    good: () => [report],
    args: [
      {
        name: 'report',
        good: [report],
        bad: wrongType(...oddValues, undefined, 0, '', 'text', HUGE, true, untouchedFn, Promise.resolve(report)).concat(
          wrongType({ ...report, stages: [{}] }, { ...report, elapsed: '1' }, { ...report, stages: new Array(1) }),
          wrongType({ ...report, advice: undefined }, { ...report, stages: { map: untouchedFn } }),
        ),
      },
    ],
  }),
];
