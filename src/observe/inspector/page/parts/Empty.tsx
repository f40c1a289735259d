import type { JSX } from 'preact';
import { board } from '../pageBoard.ts';

/** What there is to see before there is a flow. */
export function Empty(): JSX.Element {
  const isThere = board.hello.value !== undefined;
  return (
    <section class="empty" data-test="empty">
      <h2>{isThere ? 'No flow yet' : 'Waiting for the program'}</h2>
      <p>
        {isThere
          ? 'The program runs, and none of its flows has been started with the inspector. One appears here as soon as it is:'
          : 'This page shows the flows of a running program. It goes on by itself as soon as the program answers.'}
      </p>
      {isThere && <pre>{'run(flow, { inspect: true })'}</pre>}
    </section>
  );
}
