/** Preloaded into an example under test: says, as its first line on stderr, when the example has begun to listen to Ctrl-C. */
process.on('newListener', (event) => {
  if (event === 'SIGINT') setImmediate(() => process.stderr.write('listening\n'));
});
