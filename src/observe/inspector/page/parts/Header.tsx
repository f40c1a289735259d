import type { JSX } from 'preact';
import { board } from '../pageBoard.ts';
import { connectionNow } from './connectionNow.ts';
import { theme, type Theme } from '../theme.ts';

/** Which program is shown, how the page stands with it, and what can be set. */
export function Header(): JSX.Element {
  const hello = board.hello.value;
  const isPaused = board.isPaused.value;
  const state = connectionNow();
  return (
    <header>
      <h1>
        <span class="brand">sluice</span>
        <span class="program" title={hello?.program}>
          {hello?.program ?? 'inspector'}
        </span>
      </h1>
      {hello !== undefined && (
        <span class="faint about">
          pid {hello.pid} · Node {hello.node.replace(/^v/, '')}
        </span>
      )}
      <span class="spread" />
      <span class={`pill ${state.tone}`} data-test="connection">
        {state.word}
      </span>
      <button type="button" aria-pressed={isPaused} onClick={() => board.pause(!isPaused)} data-test="pause">
        {isPaused ? '▶ Resume' : '❙❙ Pause'}
      </button>
      <label class="theme">
        <span class="unseen">Colours</span>
        <select value={theme.value} onChange={({ currentTarget }) => (theme.value = currentTarget.value as Theme)}>
          <option value="system">Auto</option>
          <option value="light">Light</option>
          <option value="dark">Dark</option>
        </select>
      </label>
    </header>
  );
}
