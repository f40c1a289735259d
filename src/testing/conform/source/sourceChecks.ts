import { isFunction, OptionReader } from '../../../core/options.ts';
import { readFlag, readFunction } from '../../../core/readers.ts';
import type { Check } from '../Check.ts';
import { makeCheck } from '../makeCheck.ts';
import { readList } from '../readList.ts';
import type { SourceCapabilities, SourceFactory } from '../SourceCapabilities.ts';
import { cancellation } from './cancellation.ts';
import { gates } from './gates.ts';
import { lifeCycle } from './lifeCycle.ts';
import { SourceTrial, type SourceSubject } from './SourceTrial.ts';

const CASES = [...lifeCycle, ...gates, ...cancellation];

/** The checks that apply to a source which promises what `capabilities` say. */
export function sourceChecks(factory: SourceFactory<unknown>, capabilities: SourceCapabilities<unknown>): Check[] {
  const subject = read(factory, capabilities);
  return CASES.filter(({ applies }) => applies === undefined || applies(subject)).map((each) =>
    makeCheck({
      rule: each.rule,
      title: `${each.rule}: ${capabilities.name}: ${each.does}`,
      isReal: subject.isAsync,
      makeTrial: (check, clock) => new SourceTrial(check, clock, subject),
      steps: each.steps,
    }),
  );
}

function read(factory: SourceFactory<unknown>, given: SourceCapabilities<unknown>): SourceSubject {
  const reader = new OptionReader<SourceCapabilities<unknown>>('conform', given, KNOWN);
  // The checks read these themselves.
  readList(reader, 'falsy');
  reader.oneOf('failsWith', ['anything', 'errors'], 'anything');
  readFunction(reader, 'resources');
  const failing: unknown = reader.get('failing');
  if (failing !== undefined && failing !== false && !isFunction(failing))
    throw reader.wrong('failing', 'a function, or false', failing);
  return {
    factory,
    given,
    pulls: readFlag(reader, 'pulls', true),
    isPausable: readFlag(reader, 'isPausable', true),
    isAsync: readFlag(reader, 'isAsync', false),
    slack: reader.count('slack', 0, 0),
    most: readFlag(reader, 'isSingle', false) ? 1 : Infinity,
    contents: readFunction(reader, 'contents') ?? ((value) => [value]),
    receivers: reader.oneOf('receivers', ['independent', 'shared', 'one'], 'independent'),
    reason: readFunction(reader, 'reason') ?? ((error) => error),
  };
}

const KNOWN = [
  'kind',
  'name',
  'pulls',
  'isPausable',
  'slack',
  'isSingle',
  'contents',
  'falsy',
  'receivers',
  'failing',
  'reason',
  'failsWith',
  'resources',
  'isAsync',
] as const;
