import { Observable, type Subscriber } from 'rxjs';
import { Gate } from '../../../src/core/gate.ts';
import {
  demand,
  operate,
  Stage,
  type Connection,
  type SourceSettings,
  type StageSettings,
} from '../../../src/index.ts';
import { outOfRange, wrongType } from '../BadValue.ts';
import { fn, type Kind } from '../kinds.ts';
import { oddValues } from '../oddValues.ts';
import { row, type Row } from '../Row.ts';
import { untouchedFn } from '../untouched.ts';

class Holding extends Stage<unknown, unknown> {
  protected override step(): boolean {
    return false;
  }
}

/** What the function given to `new Observable` is called with. */
function subscriber(): Subscriber<unknown> {
  let made!: Subscriber<unknown>;
  new Observable((it) => void (made = it)).subscribe();
  return made;
}

const connection = (): unknown => ({ out: subscriber(), upstream: subscriber(), below: new Gate() });
const odd = wrongType(...oddValues, undefined, 0, '', 'text', true);
const settings: Kind = { good: [{ name: 'own' }, { name: 'own', definition: {} }], bad: odd };
const bounds = (option: string, ...values: unknown[]) =>
  values.map((value) => ({
    options: { name: 'own', bound: 1, [option]: value },
    option,
    ...(typeof value === 'number' ? outOfRange : wrongType)(value)[0]!,
  }));

export const coreRows: readonly Row[] = [
  row('operate', operate, { good: () => [untouchedFn], args: [{ name: 'connect', ...fn }] }),
  row('demand', demand, {
    call: (below, own, produce) => demand(below as Subscriber<unknown>, own as SourceSettings, produce as never),
    good: () => [subscriber(), { name: 'own' }, () => {}],
    args: [
      { name: 'subscriber', good: [subscriber()], bad: odd },
      { name: 'settings', ...settings },
      { name: 'produce', good: [() => {}], bad: fn.bad },
    ],
  }),
  row('Stage', Stage, {
    call: (own, given) => new Holding(own as Connection<unknown>, given as StageSettings),
    good: () => [connection(), { name: 'own', bound: 1 }],
    args: [
      { name: 'connection', good: [connection()], bad: odd },
      { name: 'settings', good: [{ name: 'own', bound: Infinity, burst: 2, overflowLimit: 0 }], bad: settings.bad },
    ],
    clashes: [
      ...bounds('bound', -1, NaN, 1.5, '1', null, undefined, 2n),
      ...bounds('burst', 0, NaN, 1.5, '1', null),
      ...bounds('overflowLimit', -1, NaN, '1', null),
    ],
  }),
];
