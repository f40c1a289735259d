/**
 * Preloaded into an example under test: presses Ctrl-C as soon as the example has begun to listen to it and is done with what it began
 * with. That is heard when the event loop comes round, before what takes more than one timer could be over.
 */
process.on('newListener', (event) => {
  if (event !== 'SIGINT') return;
  process.nextTick(() => {
    // One that was done before it could be interrupted listens no more.
    if (process.listenerCount('SIGINT') > 0) process.kill(process.pid, 'SIGINT');
  });
});
