import type { JSX } from 'preact';

/** Shares in percent beside each other: plain, pale, and hatched, so that they differ without colours too. */
export function ShareBar({ shares }: { shares: readonly [number, number, number] | undefined }): JSX.Element {
  const [busy, idle, held] = shares ?? [0, 0, 0];
  return (
    <span class="share-bar" aria-hidden="true">
      <i class="busy" style={{ width: `${busy}%` }} />
      <i class="idle" style={{ width: `${idle}%` }} />
      <i class="held" style={{ width: `${held}%` }} />
    </span>
  );
}
