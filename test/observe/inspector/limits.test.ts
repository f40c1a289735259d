import { execFileSync } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ask, get, request } from './ask.ts';
import { EventClient } from './EventClient.ts';
import { FakeView } from './fixtures/FakeView.ts';
import { inspected } from './inspect.ts';
import { stageReport } from '../stageReport.ts';

/** The machine may be busy. */
const PATIENTLY = { timeout: 20_000 };

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.on('close', () => resolve()));
}

// At once: each of them waits for some seconds.
describe.concurrent('I1 who is slow to ask', () => {
  const half = 'GET /snapshot HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ';
  test.each<[what: string, send: (socket: Socket) => () => void]>([
    ['sends nothing', () => () => {}],
    ['sends half a request', (socket) => (socket.write(half), () => {})],
    [
      'sends a letter now and then',
      (socket) => {
        socket.write(half);
        const timer = setInterval(() => socket.write('x'), 100);
        return () => clearInterval(timer);
      },
    ],
  ])('and %s is cut off within 5 s', async (_, send) => {
    await inspected(async (port) => {
      const socket = await connected(port);
      socket.resume();
      const began = performance.now();
      const stop = send(socket);
      await closed(socket);
      stop();
      expect(performance.now() - began).toBeLessThan(5000);
      expect((await get(port, '/snapshot')).status).toBe(200);
    });
  });

  test('hears why with the headers of every answer', async () => {
    await inspected(async (port) => {
      const answer = await ask(port, half);
      expect(answer.status).toBe(408);
      expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff', connection: 'close' });
    });
  });
});

describe('I2 who is slow to read', () => {
  test('is dropped once a mebibyte waits, and the others are not', async () => {
    // About 500 KB a tick: the system takes some megabytes before anything waits in the process.
    const stages = Array.from({ length: 500 }, (_, i) => stageReport(`stage ${i}`, { note: 'x'.repeat(900) }));
    await inspected(
      async (port) => {
        const socket = await connected(port);
        socket.pause();
        socket.write(request('GET', '/events?every=100', `Host: 127.0.0.1:${port}`));
        const good = await EventClient.open(port);
        let ticks = 0;
        for (; isServed(socket) && ticks < 200; ticks++) await good.next('tick');
        expect(ticks).toBeGreaterThan(1);
        expect(ticks).toBeLessThan(100);
        socket.destroy();
        expect((await get(port, '/snapshot')).status).toBe(200);
        await good.next('tick');
        good.close();
      },
      new FakeView('wide', { stages }),
    );
  });
});

/** Whether the server's end of a connection is open. */
function isServed(socket: Socket): boolean {
  const ends = ['state', 'established', `sport = :${socket.remotePort}`, `dport = :${socket.localPort}`];
  return execFileSync('ss', ['-tnH', ...ends], { encoding: 'utf8' }).trim() !== '';
}

describe('I3 who comes in crowds', () => {
  test('finds 32 places for listeners, and a 503 beyond', async () => {
    await inspected(async (port) => {
      const clients = await Promise.all(Array.from({ length: 32 }, () => EventClient.open(port, '?every=5000')));
      expect(clients.map(({ response }) => response.statusCode)).toEqual(clients.map(() => 200));
      const refused = await Promise.all(Array.from({ length: 8 }, () => get(port, '/events')));
      expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 503));
      expect(refused[0]!.headers).toMatchObject({ 'retry-after': '5', 'x-content-type-options': 'nosniff' });
      // The rest is still served, and a place that becomes free is given to the next.
      expect((await get(port, '/snapshot')).status).toBe(200);
      clients[0]!.close();
      await clients[0]!.closed;
      await expect
        .poll(() => EventClient.open(port, '?every=5000').then(({ response }) => response.statusCode), PATIENTLY)
        .toBe(200);
    });
  });

  test('cannot take more than one place with one connection', async () => {
    await inspected(async (port) => {
      const socket = await connected(port);
      let text = '';
      socket.setEncoding('utf8').on('data', (data: string) => (text += data));
      const one = `GET /events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
      socket.write(one.repeat(40));
      await expect.poll(() => text, PATIENTLY).toContain('event: tick');
      const others = await Promise.all(Array.from({ length: 31 }, () => EventClient.open(port, '?every=5000')));
      expect(others.map(({ response }) => response.statusCode)).toEqual(others.map(() => 200));
      for (const client of others) client.close();
      socket.destroy();
    });
  });

  test('is kept to a number of connections, and the server serves on when it has gone', async () => {
    await inspected(async (port) => {
      const began = performance.now();
      let answered = 0;
      await Promise.all(
        Array.from({ length: 1000 }, () => {
          const socket = connect(port, '127.0.0.1');
          socket.on('error', () => {});
          // One that is kept hears, when it has sent nothing for a while, that it took too long.
          socket.once('data', () => answered++);
          return closed(socket);
        }),
      );
      // A place is taken for two seconds and a half at least.
      expect(answered).toBeLessThanOrEqual(64 * (1 + (performance.now() - began) / 2500));
      expect(answered).toBeGreaterThan(0);
      expect((await get(port, '/snapshot')).status).toBe(200);
    });
  });
});
