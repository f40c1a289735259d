/** How long the same work took, done in one of the ways. */
export interface Measured {
  readonly way: string;
  /** Milliseconds for all items. */
  readonly elapsed: number;
}

/** Draws a bar for each way, the longest across the whole width. */
export function chart(measured: readonly Measured[]): string[] {
  const longest = Math.max(...measured.map(({ elapsed }) => elapsed));
  const widest = Math.max(...measured.map(({ way }) => way.length));
  return measured.map(({ way, elapsed }) => {
    const bar = '█'.repeat(Math.round((elapsed / longest) * WIDTH)) || '▏';
    return `  ${way.padEnd(widest)}  ${bar.padEnd(WIDTH)}  ${milliseconds(elapsed).padStart(9)}`;
  });
}

/** `0.31 ms`, `1,203 ms` */
function milliseconds(elapsed: number): string {
  const digits = elapsed < 1 ? 2 : elapsed < 100 ? 1 : 0;
  return `${elapsed.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ms`;
}

const WIDTH = 36;
