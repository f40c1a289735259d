import type { JSX } from 'preact';
import { connectionNow } from './connectionNow.ts';

/** Says what is wrong between the page and the program, where something is. */
export function Banner(): JSX.Element {
  const { sentence, tone } = connectionNow();
  return (
    <div role="status" aria-live="polite" class={sentence === undefined ? '' : `banner ${tone}`} data-test="banner">
      {sentence}
    </div>
  );
}
