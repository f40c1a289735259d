import { expect, test, vi } from 'vitest';
import { CELLS_A_PLACE, PLACES, type BatchMessage, type ResultsMessage } from '../../../src/parallel/protocol.ts';
import type { Task } from '../../../src/parallel/task.ts';
import { BatchRun } from '../../../src/parallel/worker/BatchRun.ts';
import type { Runner } from '../../../src/parallel/worker/Runner.ts';

test('a batch is done once, also where it is cancelled after an item that could not begin to give its values', async () => {
  const sent: ResultsMessage[] = [];
  const done = vi.fn();
  const runner = {
    cells: new Int32Array(new SharedArrayBuffer(PLACES * CELLS_A_PLACE * 4)),
    port: { postMessage: (message: ResultsMessage) => void sent.push(message) },
    done,
  } as unknown as Runner;
  let resolve!: (value: number) => void;
  const later = new Promise<number>((resolved) => (resolve = resolved));
  const unable = {
    [Symbol.asyncIterator](): never {
      throw new RangeError('no iterator');
    },
  };
  const items = [() => unable, () => later];
  const task: Task<() => unknown, unknown> = { url: '', name: 'call', fn: (item) => item() };
  const message: Partial<BatchMessage> = { place: 0, items, transfer: false };
  const batch = new BatchRun(runner, task, message as BatchMessage);
  batch.run();
  batch.cancelled();
  expect(done).not.toHaveBeenCalled();
  resolve(1);
  await vi.waitFor(() => expect(done).toHaveBeenCalled());
  expect(done).toHaveBeenCalledTimes(1);
  expect(sent.flatMap(({ values }) => values)).toEqual([undefined, 1]);
  expect(sent[0]!.errors?.map(([offset]) => offset)).toEqual([0]);
  expect(sent.map((it) => it.done).filter(Boolean)).toEqual([true]);
});
