/**
 * Shows how far things have come until it is told to stop: a bar that moves in a terminal, and where there is none, a
 * line each time there is something new.
 */
export function showProgress(done: () => number, total: number): () => void {
  const { stderr } = process;
  let last = 0;
  const show = (): void => {
    const now = done();
    const text = `${Math.round((now / total) * 100)} %  ${now.toLocaleString('en-US')} flights`;
    if (stderr.isTTY) stderr.write(`\r${'█'.repeat(Math.round((now / total) * 30)).padEnd(30, '░')} ${text}`);
    else if (now !== last) stderr.write(`${text}\n`);
    last = now;
  };
  const timer = setInterval(show, 50);
  return () => {
    clearInterval(timer);
    show();
    if (stderr.isTTY) stderr.write('\r\u001b[2K');
  };
}
