import { isFunction, isOptions, OptionReader } from '../../../core/options.ts';
import { readFlag, readFunction } from '../../../core/readers.ts';
import type { Check } from '../Check.ts';
import { makeCheck } from '../makeCheck.ts';
import { readList } from '../readList.ts';
import type { OperatorCapabilities } from '../OperatorCapabilities.ts';
import { cancellation } from './cancellation.ts';
import { errors } from './errors.ts';
import { gates } from './gates.ts';
import { limits } from './limits.ts';
import { lifeCycle } from './lifeCycle.ts';
import { OperatorTrial, type AnyFactory, type Subject } from './OperatorTrial.ts';
import { policies } from './policies.ts';
import { reentrancy } from './reentrancy.ts';
import { schedules } from './schedules.ts';
import { time } from './time.ts';

const CASES = [
  ...lifeCycle,
  ...gates,
  ...limits,
  ...reentrancy,
  ...schedules,
  ...errors,
  ...policies,
  ...cancellation,
  ...time,
];

/** The checks that apply to an operator which promises what `capabilities` say. */
export function operatorChecks(factory: AnyFactory, capabilities: OperatorCapabilities<unknown, unknown>): Check[] {
  const subject = read(factory, capabilities);
  const { name, isAsync = false, takes } = capabilities;
  return CASES.filter(({ applies }) => applies === undefined || applies(subject)).map((each) =>
    makeCheck({
      rule: each.rule,
      title: `${each.rule}: ${name}: ${each.does}`,
      isReal: isAsync || each.usesPromises === true || takes?.includes('observable') === false,
      makeTrial: (check, clock) => new OperatorTrial(check, clock, subject),
      steps: each.steps,
    }),
  );
}

function read(factory: AnyFactory, given: OperatorCapabilities<unknown, unknown>): Subject {
  const reader = new OptionReader<OperatorCapabilities<unknown, unknown>>('conform', given, KNOWN);
  const bound = reader.count('bound', 0, NaN, true);
  if (Number.isNaN(bound)) throw reader.wrong('bound', 'given: the most items that it holds', undefined);
  const concurrency = reader.count('concurrency', 1, 0, true);
  checkRest(reader);
  return {
    factory,
    given,
    bound,
    item: readFunction(reader, 'item') ?? ((value) => value),
    contents: readFunction(reader, 'contents') ?? ((result) => [result]),
    passes: readFunction(reader, 'passes') ?? (() => true),
    perItem: reader.count('perItem', 1, 1),
    order: reader.oneOf('order', ['completion', 'input'], 'input'),
    whenFull: reader.oneOf('whenFull', ['wait', 'drop', 'merge', 'fail'], 'wait'),
    some: Math.min(concurrency, bound, MOST_WORKS),
  };
}

/** Checks what the checks read of `given` themselves. A wrong word there would leave checks out without a sound. */
function checkRest(reader: OptionReader<OperatorCapabilities<unknown, unknown>>): void {
  const onError = reader.oneOf('onError', ['stop', 'skip', 'emit', 'deadLetter'], 'stop');
  if (readFunction(reader, 'failure') === undefined && onError === 'emit')
    throw reader.wrong('failure', "a function where onError is 'emit': it reads a failure out of a result", undefined);
  readList(reader, 'takes', ['value', 'promise', 'observable']);
  readList(reader, 'falsy');
  readList(reader, 'drops');
  reader.count('overflowLimit', 0, 0, true);
  reader.count('burst', 1, 1);
  reader.count('chain', 0, 0);
  readFlag(reader, 'isAsync', false);
  const measured = reader.get('time');
  if (measured !== undefined && !isOptions(measured)) throw reader.wrong('time', 'an object', measured);
  const delay = measured?.delay;
  if (delay !== undefined && !isFunction(delay))
    throw reader.wrong('time', 'an object whose delay is a function', measured);
}

/** Enough works at once to see how they disturb each other. */
const MOST_WORKS = 4;

const KNOWN = [
  'kind',
  'name',
  'bound',
  'item',
  'contents',
  'passes',
  'falsy',
  'perItem',
  'concurrency',
  'takes',
  'order',
  'onError',
  'failure',
  'whenFull',
  'drops',
  'overflowLimit',
  'burst',
  'chain',
  'time',
  'isAsync',
] as const;
