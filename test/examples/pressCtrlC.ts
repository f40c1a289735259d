/** Preloaded into an example under test: presses Ctrl-C one turn of the event loop after the example has begun to listen to it. */
process.on('newListener', (event) => {
  if (event !== 'SIGINT') return;
  setImmediate(() => {
    // One that was done before it could be interrupted listens no more.
    if (process.listenerCount('SIGINT') > 0) process.kill(process.pid, 'SIGINT');
  });
});
