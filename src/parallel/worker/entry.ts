import { createRequire } from 'node:module';
import type { MessagePort } from 'node:worker_threads';
import { declareThread } from '../task.ts';
import type { ToThread } from '../protocol.ts';
import { Runner } from './Runner.ts';

const { expose } = createRequire(import.meta.url)('threads/worker') as {
  expose(this: void, connect: (port: MessagePort, cells: Int32Array) => void): void;
};

// threads.js reports what nobody caught a quarter of a second later, and lives on. Here it ends the thread, and the pool sees it.
process.removeAllListeners('uncaughtException');
process.removeAllListeners('unhandledRejection');
declareThread();

expose((port: MessagePort, cells: Int32Array) => {
  const runner = new Runner(port, cells);
  port.on('message', (message: ToThread) => runner.receive(message));
  port.on('messageerror', (error) => runner.unread(error));
});
