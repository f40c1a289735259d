/** Keeps a line with the state of things in the terminal until it is told to stop. Without a terminal it writes nothing. */
export function showProgress(done: () => number, total: number): () => void {
  const { stderr } = process;
  if (!stderr.isTTY) return () => {};
  const show = (): void => {
    const share = done() / total;
    const bar = '█'.repeat(Math.round(share * 30)).padEnd(30, '░');
    stderr.write(`\r${bar} ${Math.round(share * 100)} %  ${done().toLocaleString('en-US')} flights`);
  };
  const timer = setInterval(show, 100);
  show();
  return () => {
    clearInterval(timer);
    show();
    stderr.write('\r\u001b[2K');
  };
}
