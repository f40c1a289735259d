import { show } from '../show.ts';
import { runs, type OperatorCase } from './OperatorCase.ts';
import type { OperatorTrial, Subject } from './OperatorTrial.ts';

const policy = (word: string) => (subject: Subject) => runs(subject) && subject.given.onError === word;

/** Items 2 and 5 fail, one by an exception and one by what the function gives back. */
const FAILING = [2, 5];

/** Checks of what becomes of an item whose work fails. */
export const policies: readonly OperatorCase[] = [
  {
    rule: 'R-36',
    does: 'two of nine items fail and are skipped',
    applies: policy('skip'),
    *steps(t) {
      const lower = someFail(t);
      yield () => lower.ended !== undefined;
      othersCameThrough(t, lower.values);
      t.same('the end of the flow', lower.ended ?? 'none', 'completed');
      if (t.flow.stages.length > 0) t.same('items counted as failed', t.flow.count('failed'), 2);
    },
  },
  {
    rule: 'R-36',
    does: 'two of nine items fail and leave as results',
    applies: policy('emit'),
    *steps(t) {
      const failures: { readonly error: unknown; readonly item: unknown }[] = [];
      const lower = someFail(t, (result) => {
        const failure = t.subject.given.failure?.(result);
        if (failure !== undefined) failures.push(failure);
      });
      yield () => lower.ended !== undefined;
      othersCameThrough(t, lower.values);
      t.same(
        'the items of the failures',
        failures.map(({ item }) => item),
        FAILING.map((n) => t.subject.item(n)),
      );
      t.same(
        'the errors of the failures',
        failures.map(({ error }) => error),
        [ERRORS.thrown, ERRORS.given],
      );
      t.same('the end of the flow', lower.ended ?? 'none', 'completed');
    },
  },
  {
    rule: 'R-37',
    does: 'two of nine items fail and go to the dead letter, each once',
    applies: policy('deadLetter'),
    *steps(t) {
      const lower = someFail(t);
      yield () => lower.ended !== undefined;
      othersCameThrough(t, lower.values);
      t.same(
        'items of the letters',
        t.letters.map(({ item }) => item),
        FAILING.map((n) => t.subject.item(n)),
      );
      t.same(
        'their errors',
        t.letters.map(({ error }) => error),
        [ERRORS.thrown, ERRORS.given],
      );
      const strange = t.letters.find(
        ({ attempts, stage }) => attempts !== 1 || typeof stage !== 'string' || stage === '',
      );
      t.holds(strange === undefined, 'attempts 1 and the name of the stage', show(strange));
      t.same('the end of the flow', lower.ended ?? 'none', 'completed');
    },
  },
  {
    rule: 'R-36',
    does: 'the dead letter itself fails',
    applies: policy('deadLetter'),
    *steps(t) {
      const cause = new Error('the dead letter fails');
      t.onLetter = () => {
        throw cause;
      };
      const lower = someFail(t);
      yield () => lower.ended !== undefined;
      t.same('the end of the flow', lower.ended ?? 'none', 'failed');
      t.same('the cause of the error', (lower.error as Error | undefined)?.cause, cause);
      t.same('letters', t.letters.length, 1);
    },
  },
];

const ERRORS = { thrown: new Error('fn throws'), given: new Error('what fn gives fails') };

function someFail(
  t: OperatorTrial,
  onResult: (result: unknown) => void = () => {},
): ReturnType<OperatorTrial['lower']> {
  t.works.form = (index) =>
    index === 2 ? { throws: ERRORS.thrown } : index === 5 ? { rejects: ERRORS.given } : 'value';
  const { contents } = t.subject;
  const lower = t.lower(undefined, false, (result) => {
    onResult(result);
    return contents(result);
  });
  return t.connect(t.upper({ items: 9, ends: 'complete' }), lower);
}

function othersCameThrough(t: OperatorTrial, values: readonly unknown[]): void {
  const expected = t.numbers(9).filter((n) => !FAILING.includes(n));
  t.same(
    'the other items',
    values.toSorted((a, b) => Number(a) - Number(b)),
    expected,
  );
}
