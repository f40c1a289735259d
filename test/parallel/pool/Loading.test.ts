import { MessageChannel } from 'node:worker_threads';
import { expect, test, vi } from 'vitest';
import { Loading } from '../../../src/parallel/pool/Loading.ts';

test('an import takes too long that is not over in time, and not one whose end a blocked main thread has not read', async () => {
  const tookTooLong = vi.fn();
  const loading = new Loading(20, tookTooLong);
  const { port1, port2 } = new MessageChannel();
  const ended = new Promise<void>((resolve) => {
    port1.on('message', () => {
      loading.ended();
      resolve();
    });
  });
  loading.began(1);
  port2.postMessage('loaded');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
  await ended;
  expect(tookTooLong).not.toHaveBeenCalled();
  loading.began(2);
  await vi.waitFor(() => expect(tookTooLong).toHaveBeenCalled());
  port1.close();
  expect(tookTooLong.mock.calls).toEqual([[new Error('importing it took longer than 20 ms')]]);
  expect(loading.current).toBe(2);
});
