import { OptionReader } from '../../../core/options.ts';
import { readFlag, readFunction } from '../../../core/readers.ts';
import type { Check } from '../Check.ts';
import { makeCheck } from '../makeCheck.ts';
import { readList } from '../readList.ts';
import type { SinkCapabilities, SinkFactory } from '../SinkCapabilities.ts';
import { failing } from './failing.ts';
import { SinkTrial, type SinkSubject } from './SinkTrial.ts';
import { writing } from './writing.ts';

type Capabilities = SinkCapabilities<unknown, unknown>;

/** The checks that apply to a sink which promises what `capabilities` say. All run in real time, since writing takes promises. */
export function sinkChecks(factory: SinkFactory<unknown, unknown>, capabilities: Capabilities): Check[] {
  const subject = read(factory, capabilities);
  const cases = [...writing, ...failing].filter(({ applies }) => applies === undefined || applies(subject));
  return cases.map(({ rule, does, steps }) =>
    makeCheck({
      rule,
      title: `${rule}: ${capabilities.name}: ${does}`,
      isReal: true,
      makeTrial: (check, clock) => new SinkTrial(check, clock, subject),
      steps,
    }),
  );
}

function read(factory: SinkFactory<unknown, unknown>, given: Capabilities): SinkSubject {
  const reader = new OptionReader<Capabilities>('conform', given, KNOWN);
  const bound = reader.count('bound', 1, NaN, true);
  if (Number.isNaN(bound)) throw reader.wrong('bound', 'given: the most items taken and not written', undefined);
  // The checks read these themselves.
  readList(reader, 'falsy');
  reader.oneOf('failsWith', ['anything', 'errors'], 'anything');
  readFunction(reader, 'resources');
  readFlag(reader, 'isPulled', false);
  readFlag(reader, 'keepsOverrun', false);
  return {
    factory,
    given,
    bound,
    concurrency: reader.count('concurrency', 1, 1, true),
    order: reader.oneOf('order', ['completion', 'input'], 'input'),
    item: readFunction(reader, 'item') ?? ((value) => value),
    contents: readFunction(reader, 'contents') ?? ((written) => [written]),
    reason: readFunction(reader, 'reason') ?? ((error) => error),
    isSlow: readFunction(reader, 'written') === undefined,
  };
}

const KNOWN = [
  'kind',
  'name',
  'bound',
  'concurrency',
  'order',
  'item',
  'contents',
  'falsy',
  'written',
  'reason',
  'failsWith',
  'isPulled',
  'keepsOverrun',
  'resources',
] as const;
