import { describe, expect, test } from 'vitest';
import { Inspector } from '../../../src/observe/inspector/Inspector.ts';
import { STAGE_FIELDS } from '../../../src/observe/inspector/protocol.ts';
import { EventClient } from './EventClient.ts';
import { get } from './ask.ts';
import { FakeView } from './fixtures/FakeView.ts';
import { inspected } from './inspect.ts';
import { stageReport } from '../stageReport.ts';

const IN = STAGE_FIELDS.indexOf('in');

function twoStages(count = 0) {
  return [
    stageReport('read', { kind: 'source', to: ['store'], total: 100 }),
    stageReport('store', { in: count, concurrency: 4, pool: 'disks' }),
  ];
}

describe('/events', () => {
  test('says who it is and what there is at once, and then how it goes on', async () => {
    const view = new FakeView('import', { stages: twoStages(1) });
    await inspected(async (port) => {
      const client = await EventClient.open(port);
      await client.next('tick');
      expect(client.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
      const { pid, version: node } = process;
      expect(client.heard[0]).toMatchObject({ event: 'hello', data: { pid, node, every: 100 } });
      expect(client.heard[0]!.data.program).not.toContain('/');
      expect(client.heard[1]).toMatchObject({ event: 'graph', data: { flow: 1, name: 'import' } });
      expect(client.heard[1]!.data.stages).toEqual([
        { name: 'read', kind: 'source', to: [1], total: 100 },
        { name: 'store', kind: 'stage', to: [], pool: 'disks' },
      ]);
      expect(Math.abs(client.heard[1]!.data.started - (performance.timeOrigin + performance.now()))).toBeLessThan(5000);
      expect(client.heard[2]).toMatchObject({ event: 'tick', data: { flows: [{ flow: 1, state: 'running' }] } });
      view.now = { stages: twoStages(2) };
      await client.next('tick', ({ flows }) => flows[0].stages[1][IN] === 2);
      view.quitting = true;
      await client.next('tick', ({ flows }) => flows[0].state === 'quitting');
      expect(client.heard.filter(({ event }) => event === 'graph')).toHaveLength(1);
      client.close();
    }, view);
  });

  test.each([
    ['', 200],
    ['?every=100', 100],
    ['?every=450', 450],
    ['?every=5000', 5000],
  ])('%s goes in the rhythm of %d ms', async (query, every) => {
    await inspected(async (port) => {
      const began = performance.now();
      const client = await EventClient.open(port, query);
      await client.next('tick');
      expect(client.heard[0]!.data.every).toBe(every);
      if (every < 1000) {
        const ticks = () => client.heard.filter(({ event }) => event === 'tick');
        while (ticks().length < 5) await client.next('tick');
        // The first is told at once. The machine may be busy: the others may be late, but none is early.
        expect(ticks()[4]!.at - began).toBeGreaterThan(every * 4 - 10);
      }
      client.close();
    });
  });

  test.each([
    '?every=99',
    '?every=5001',
    '?every=',
    '?every=1e3',
    '?every=-1',
    '?every=200&every=300',
    '?x=1',
    '?every',
  ])('%s is refused', async (query) => {
    await inspected(async (port) => {
      expect((await get(port, `/events${query}`)).status).toBe(400);
    });
  });

  test('a graph is told again, before the tick that goes with it, when stages or links have changed', async () => {
    const view = new FakeView('import', { stages: twoStages() });
    await inspected(async (port) => {
      const clients = [await EventClient.open(port), await EventClient.open(port, '?every=250')];
      await Promise.all(clients.map((client) => client.next('tick')));
      view.now = { stages: [...twoStages(), stageReport('late')] };
      await Promise.all(clients.map((client) => client.next('tick', ({ flows }) => flows[0].stages.length === 3)));
      for (const { heard } of clients) {
        const graphs = heard.filter(({ event }) => event === 'graph');
        expect(graphs.map(({ data }) => data.stages.length)).toEqual([2, 3]);
        const third = heard.findIndex(({ event, data }) => event === 'tick' && data.flows[0].stages.length === 3);
        expect(heard.indexOf(graphs[1]!)).toBeLessThan(third);
      }
      const relinked = [...twoStages(), stageReport('late')].map((stage) =>
        stage.name === 'store' ? { ...stage, to: ['late'] } : stage,
      );
      const heard = clients[0]!.next('graph');
      view.now = { stages: relinked };
      expect((await heard).data.stages[1].to).toEqual([2]);
      for (const client of clients) client.close();
    }, view);
  });

  test('several flows of a process are told together, each with its own end', async () => {
    await inspected(async (port, first) => {
      const client = await EventClient.open(port);
      await client.next('tick');
      const second = new FakeView('second', { stages: twoStages() });
      const graph = client.next('graph');
      await Inspector.attach(second, { port, print: () => {} });
      expect((await graph).data).toMatchObject({ flow: 2, name: 'second' });
      await client.next('tick', ({ flows }) => flows.length === 2);
      first.end({ ended: 'failed', reason: new Error('disk full'), abandoned: 3 });
      const { data } = await client.next('tick', ({ flows }) => flows[0].state === 'failed');
      expect(data.flows).toMatchObject([
        { flow: 1, reason: 'disk full', abandoned: 3 },
        { flow: 2, state: 'running' },
      ]);
      second.end();
      await client.closed;
      expect(client.heard.at(-1)!.event).toBe('bye');
      expect(client.heard.at(-2)!.data.flows.map(({ state }: { state: string }) => state)).toEqual([
        'failed',
        'completed',
      ]);
    });
  });

  test('when the last flow has ended, everyone is told how, and goodbye, and is let go', async () => {
    await inspected(async (port, view) => {
      const clients = [await EventClient.open(port, '?every=100'), await EventClient.open(port, '?every=5000')];
      await Promise.all(clients.map((client) => client.next('tick')));
      view.end({ ended: 'quit', results: 7, advice: ['Do nothing.'] });
      await Promise.all(clients.map((client) => client.closed));
      for (const { heard } of clients) {
        expect(heard.at(-1)).toMatchObject({ event: 'bye', data: {} });
        expect(heard.at(-2)).toMatchObject({
          event: 'tick',
          data: { flows: [{ state: 'quit', results: 7, advice: ['Do nothing.'], abandoned: 0 }] },
        });
      }
    });
  });

  test('nobody looks at a flow while nobody listens', async () => {
    await inspected(async (port, view) => {
      const client = await EventClient.open(port);
      await client.next('tick');
      client.close();
      await client.closed;
      // The server hears of it a moment later.
      let before = -1;
      while (before !== view.looks) {
        before = view.looks;
        await new Promise((resolve) => setTimeout(resolve, 350));
      }
      await new Promise((resolve) => setTimeout(resolve, 700));
      expect(view.looks).toBe(before);
    });
  });

  test('those who listen in the same rhythm cost the flow one look together', async () => {
    await inspected(async (port, view) => {
      const clients = await Promise.all(Array.from({ length: 10 }, () => EventClient.open(port)));
      await Promise.all(clients.map((client) => client.next('tick')));
      const before = view.looks;
      const heardBefore = clients.map(({ heard }) => heard.length);
      for (let i = 0; i < 5; i++) await clients[9]!.next('tick');
      for (const [i, { heard }] of clients.entries()) expect(heard.length - heardBefore[i]!).toBeGreaterThanOrEqual(4);
      expect(view.looks - before).toBeLessThanOrEqual(7);
      for (const client of clients) client.close();
    });
  });

  test('what the process is like is measured: how late the event loop came round, processor time, memory', async () => {
    await inspected(async (port) => {
      const client = await EventClient.open(port);
      for (let i = 0; i < 3; i++) await client.next('tick');
      const blocked = performance.now() + 300;
      while (performance.now() < blocked);
      const { data } = await client.next('tick');
      expect(data.process.loopDelay).toBeGreaterThan(150);
      expect(data.process.loopDelay).toBeLessThan(5000);
      expect(data.process.cpu).toBeGreaterThan(0);
      expect(data.process.memory).toBeGreaterThan(data.process.heap);
      expect(data.process.heap).toBeGreaterThan(1e6);
      client.close();
    });
  });

  test('what the event loop was late is told to those who were there, whoever comes meanwhile', async () => {
    await inspected(async (port) => {
      const first = await EventClient.open(port, '?every=1000');
      await first.next('tick');
      const blocked = performance.now() + 300;
      while (performance.now() < blocked);
      const next = first.next('tick');
      const second = await EventClient.open(port, '?every=1000');
      await second.next('tick');
      expect((await next).data.process.loopDelay).toBeGreaterThan(150);
      first.close();
      second.close();
    });
  });

  test('I2 who reads is not dropped, however much there is to say at once', async () => {
    const stages = Array.from({ length: 1500 }, (_, i) => stageReport(`stage ${i}`, { note: 'x'.repeat(900) }));
    await inspected(
      async (port) => {
        const client = await EventClient.open(port, '?every=250');
        for (let i = 0; i < 3; i++) await Promise.race([client.next('tick'), client.closed]);
        expect(client.heard.slice(0, 5).map(({ event }) => event)).toEqual(['hello', 'graph', 'tick', 'tick', 'tick']);
        expect(Buffer.byteLength(client.text)).toBeGreaterThan(3 * 1024 * 1024);
        client.close();
      },
      new FakeView('wide', { stages }),
    );
  });
});
