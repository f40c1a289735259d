/**
 * Preloaded into an example under test: presses Ctrl-C as soon as the example has begun to listen to it and is done with what it began
 * with. That is heard when the event loop comes round, before what takes more than one timer could be over. With `CTRL_C_AFTER` in its
 * environment it presses once, so many milliseconds later.
 */
const after = process.env['CTRL_C_AFTER'];

function press(): void {
  // One that was done before it could be interrupted listens no more.
  if (process.listenerCount('SIGINT') > 0) process.kill(process.pid, 'SIGINT');
}

process.on('newListener', function onListener(event) {
  if (event !== 'SIGINT') return;
  if (after === undefined) process.nextTick(press);
  else {
    process.off('newListener', onListener);
    setTimeout(press, Number(after)).unref();
  }
});
