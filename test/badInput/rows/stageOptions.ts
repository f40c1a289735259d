import { Subject } from 'rxjs';
import { fixedLimit } from '../../../src/index.ts';
import { wrongType } from '../BadValue.ts';
import { count, oneOf, type Kind } from '../kinds.ts';
import { unreadable } from '../oddValues.ts';
import { untouched$, untouchedFn } from '../untouched.ts';

const failing = Object.defineProperty({}, 'deadLetter', {
  get: () => {
    throw new Error('getter');
  },
});
const limit = count(1, { infinite: true });

/** A number, an Observable of numbers, or a limit. */
export const concurrency: Kind = {
  good: [...limit.good, untouched$, fixedLimit(2)],
  bad: [...limit.bad, ...wrongType({ subscribe: () => {} })],
};

/** One of a few words, or where dead letters go. */
export function onError(...words: readonly string[]): Kind {
  const { good, bad } = oneOf(...words);
  return {
    good: [...good, { deadLetter: untouchedFn }, { deadLetter: new Subject() }, { deadLetter: { next: untouchedFn } }],
    bad: [
      ...bad,
      ...wrongType(
        failing,
        { deadLetter: unreadable[0] },
        { deadLetter: null },
        { deadLetter: 'log' },
        { deadLetter: {} },
        { deadletter: untouchedFn },
      ),
    ],
  };
}
