import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { noLeaks } from 'sluice/testing';
import { hooks } from '../../../src/core/hooks.ts';
import { Inspector } from '../../../src/observe/inspector/Inspector.ts';
import { get } from './ask.ts';
import { EventClient } from './EventClient.ts';
import { FakeView } from './fixtures/FakeView.ts';
import { inspected } from './inspect.ts';

const print = (): void => {};

afterEach(() => void vi.restoreAllMocks());

/** Where `test/compile.ts` puts it. */
const fixture = new URL('../../../out/programs/test/observe/inspector/fixtures/inspected.js', import.meta.url);

/** Starts the fixture; gives its port once it is there. */
async function start(act: string) {
  const child = spawn(process.execPath, [fileURLToPath(fixture), act, '0']);
  const said = { out: '', err: '' };
  child.stderr.on('data', (data) => (said.err += String(data)));
  child.stdout.on('data', (data) => (said.out += String(data)));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, at: performance.now() }));
  while (!said.out.includes('\n')) await Promise.race([once(child.stdout, 'data'), ended]);
  const port = Number(new URL(said.out.split('\n')[0]!).port);
  const go = (): number => {
    child.stdin.write('go\n');
    return performance.now();
  };
  return { port, go, ended, said };
}

describe('R-57 what is left', () => {
  test('nothing, when the last flow has ended: no listener, no connection, no timer', async () => {
    await noLeaks(async () => {
      const views = [new FakeView('first'), new FakeView('second')];
      const [first] = await Promise.all(views.map((view) => Inspector.attach(view, { port: 0, print })));
      const port = Number(new URL(first!.url).port);
      const client = await EventClient.open(port);
      await client.next('tick');
      await get(port, '/snapshot');
      await get(port, '/metrics');
      for (const view of views) view.end();
      await client.closed;
    });
  });

  test('nothing, where nobody has ever looked', async () => {
    await noLeaks(async () => {
      const view = new FakeView();
      await Inspector.attach(view, { port: 0, print });
      view.end();
    });
  });

  test('nothing, where the flow ends while its inspector is being opened', async () => {
    await noLeaks(async () => {
      const view = new FakeView();
      const lines: string[] = [];
      const attached = Inspector.attach(view, { port: 0, print: (line) => void lines.push(line) });
      view.end();
      expect(await attached).toBeUndefined();
      expect(lines).toEqual([]);
    });
  });

  test('nothing, where it has ended before', async () => {
    const view = new FakeView();
    view.end();
    expect(await Inspector.attach(view, { port: 0, print })).toBeUndefined();
  });

  test('nothing of a flow that is detached, once or twice, and others go on', async () => {
    await inspected(async (port, view) => {
      const other = new FakeView('other');
      const shown = await Inspector.attach(other, { port, print });
      const client = await EventClient.open(port);
      await client.next('tick', ({ flows }) => flows.length === 2);
      shown!.detach();
      shown!.detach();
      await client.next('tick', ({ flows }) => flows.length === 1);
      other.end();
      await client.next('tick');
      view.end();
      await client.closed;
      expect(client.heard.at(-1)!.event).toBe('bye');
    });
  });

  test('a connection that does not close is closed within a second', async () => {
    await inspected(async (port, view) => {
      const { connect } = await import('node:net');
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.resume();
      const began = performance.now();
      view.end();
      await once(socket, 'end');
      expect(performance.now() - began).toBeLessThan(1500);
      socket.destroy();
    });
  });

  test('a process ends by itself with a listener connected, although its flow has not ended', async () => {
    const { port, go, ended, said } = await start('nothing');
    const client = await EventClient.open(port);
    await client.next('tick');
    const told = go();
    const { code, at } = await ended;
    expect({ code, err: said.err }).toEqual({
      code: 0,
      err: expect.stringMatching(/^sluice inspector: http[^\n]+\n$/),
    });
    expect(at - told).toBeLessThan(3000);
  });

  test('a process whose flow ends tells its listeners so and ends within a second', async () => {
    const { port, go, ended } = await start('end');
    const clients = await Promise.all([EventClient.open(port), EventClient.open(port, '?every=5000')]);
    const told = go();
    const { code, at } = await ended;
    await Promise.all(clients.map((client) => client.closed));
    expect(code).toBe(0);
    expect(at - told).toBeLessThan(1000);
    for (const { heard } of clients) {
      expect(heard.at(-1)!.event).toBe('bye');
      expect(heard.at(-2)!.data.flows).toMatchObject([{ state: 'completed', results: 42 }]);
    }
  });
});

async function occupy(port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** The names of the flows that are shown at an address. */
async function flowsAt(url: string): Promise<string[]> {
  const { body } = await get(Number(new URL(url).port), '/snapshot');
  return JSON.parse(body).graphs.map(({ name }: { name: string }) => name);
}

describe('I5 the port', () => {
  test('is 4747 unless another is asked for, and is said in one line', async () => {
    const lines: string[] = [];
    const view = new FakeView();
    const shown = await Inspector.attach(view, { port: undefined, print: (line) => void lines.push(line) });
    expect(shown!.url).toBe('http://127.0.0.1:4747/');
    expect(lines).toEqual(['sluice inspector: http://127.0.0.1:4747/\n']);
    expect((await get(4747, '/snapshot')).status).toBe(200);
    view.end();
  });

  test('is another that is free if 4747 is taken, and the line says so', async () => {
    const other = await occupy(4747);
    const lines: string[] = [];
    const view = new FakeView();
    const shown = await Inspector.attach(view, { port: undefined, print: (line) => void lines.push(line) });
    const port = Number(new URL(shown!.url).port);
    expect(port).not.toBe(4747);
    expect(lines).toEqual([`sluice inspector: http://127.0.0.1:${port}/ (port 4747 is taken)\n`]);
    expect((await get(port, '/snapshot')).status).toBe(200);
    view.end();
    other.close();
  });

  test('that is asked for and taken gives a warning that names it, and the flow goes on', async () => {
    const warn = vi.spyOn(hooks, 'warn').mockReturnValue();
    const other = await occupy(0);
    const { port } = other.address() as { port: number };
    const view = new FakeView('import');
    expect(await Inspector.attach(view, { port, print })).toBeUndefined();
    expect(warn.mock.calls).toEqual([
      [
        expect.stringMatching(
          new RegExp(
            `^The inspector cannot show flow "import": port ${port} of 127.0.0.1 cannot be had \\(.*EADDRINUSE.*\\). The flow goes on without it$`,
          ),
        ),
        'SLUICE_INSPECTOR',
      ],
    ]);
    view.end();
    other.close();
  });

  test('that only an administrator may have gives a warning too', async () => {
    const warn = vi.spyOn(hooks, 'warn').mockReturnValue();
    // As the system says it; who runs this test may be an administrator.
    const refused = Object.assign(new Error('listen EACCES: permission denied 127.0.0.1:80'), { code: 'EACCES' });
    const { Server: TcpServer } = await import('node:net');
    vi.spyOn(TcpServer.prototype, 'listen').mockImplementation(function (this: Server) {
      process.nextTick(() => this.emit('error', refused));
      return this;
    });
    expect(await Inspector.attach(new FakeView('import'), { port: 80, print })).toBeUndefined();
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/port 80 of 127\.0\.0\.1 .*EACCES/), 'SLUICE_INSPECTOR']]);
  });

  test('is shared by flows that ask for it or for none; another port has a server of its own', async () => {
    const views = Array.from({ length: 5 }, (_, i) => new FakeView(`flow ${i}`));
    const lines: string[] = [];
    const options = { print: (line: string) => void lines.push(line) };
    const [a, b] = await Promise.all(
      views.slice(0, 2).map((view) => Inspector.attach(view, { port: undefined, ...options })),
    );
    const c = await Inspector.attach(views[2]!, { port: Number(new URL(a!.url).port), ...options });
    const d = await Inspector.attach(views[3]!, { port: 0, ...options });
    const e = await Inspector.attach(views[4]!, { port: undefined, ...options });
    expect([b!.url, c!.url, e!.url]).toEqual([a!.url, a!.url, a!.url]);
    expect(d!.url).not.toBe(a!.url);
    expect(lines).toHaveLength(2);
    expect(await flowsAt(a!.url)).toEqual(['flow 0', 'flow 1', 'flow 2', 'flow 4']);
    expect(await flowsAt(d!.url)).toEqual(['flow 3']);
    for (const view of views) view.end();
  });

  test('is free again as soon as the last flow has ended', async () => {
    for (let i = 0; i < 5; i++) {
      const view = new FakeView();
      const shown = await Inspector.attach(view, { port: undefined, print });
      expect(shown!.url).toBe('http://127.0.0.1:4747/');
      const client = await EventClient.open(4747);
      view.end();
      client.close();
    }
  });

  test('the line goes to stderr, which may be closed', async () => {
    const write = vi.spyOn(process.stderr, 'write').mockImplementation(() => true);
    const view = new FakeView();
    const listeners = process.stderr.listenerCount('error');
    const shown = await Inspector.attach(view, { port: 0 });
    expect(write.mock.calls[0]![0]).toBe(`sluice inspector: ${shown!.url}\n`);
    process.stderr.emit('error', new Error('EPIPE'));
    expect(process.stderr.listenerCount('error')).toBe(listeners);
    view.end();
  });
});

describe('I6 a fault of the inspector', () => {
  test.each<[what: string, breakIt: (view: FakeView) => void]>([
    [
      'the counters throw',
      (view) =>
        (view.stats = () => {
          throw new Error('broken');
        }),
    ],
    [
      'the counters throw something odd',
      (view) =>
        (view.stats = () => {
          // oxlint-disable-next-line no-throw-literal -- on purpose
          throw null;
        }),
    ],
    ['the counters are nonsense', (view) => (view.stats = () => ({}) as never)],
    ['they cannot be written', (view) => (view.now = { results: 1n as never })],
  ])('closes it with one warning and leaves the flow alone, where %s', async (_, breakIt) => {
    await noLeaks(async () => {
      const warn = vi.spyOn(hooks, 'warn').mockReturnValue();
      await inspected(async (port, view) => {
        const clients = [await EventClient.open(port), await EventClient.open(port, '?every=250')];
        await clients[0]!.next('tick');
        const { stats, now } = view;
        breakIt(view);
        await Promise.all(clients.map((client) => client.closed));
        expect((await get(port, '/snapshot')).text).toBe('');
        Object.assign(view, { stats, now });
        // The flow ends as if nothing had been.
        view.end();
      });
      expect(warn.mock.calls).toEqual([
        [expect.stringMatching(/^The inspector failed and is closed; flows go on without it: /), 'SLUICE_INSPECTOR'],
      ]);
    });
  });

  test.each(['/snapshot', '/metrics', '/events'])('is no different where %s meets it first', async (path) => {
    const warn = vi.spyOn(hooks, 'warn').mockReturnValue();
    await inspected(async (port, view) => {
      const { stats } = view;
      view.stats = () => {
        throw new Error('broken');
      };
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect((await get(port, path)).body).toBe('');
      expect(warn).toHaveBeenCalledTimes(1);
      view.stats = stats;
    });
  });

  test('is no different where it shows at the end, or at the beginning', async () => {
    const warn = vi.spyOn(hooks, 'warn').mockReturnValue();
    await inspected(async (port, view) => {
      const client = await EventClient.open(port);
      await client.next('tick');
      view.end({ stages: undefined as never });
      await client.closed;
      expect(warn).toHaveBeenCalledTimes(1);
    });
    const view = new FakeView();
    view.stats = () => {
      throw new Error('broken');
    };
    await noLeaks(async () => {
      expect(await Inspector.attach(view, { port: 0, print })).toBeUndefined();
      expect(warn).toHaveBeenCalledTimes(2);
    });
  });

  test('does not end the process', async () => {
    const { port, go, ended, said } = await start('throw');
    const client = await EventClient.open(port);
    await client.next('tick');
    go();
    const { code } = await ended;
    expect(code).toBe(0);
    expect(said.out).toContain('flow done');
    expect(said.err).toMatch(/SLUICE_INSPECTOR\] SluiceWarning: The inspector failed and is closed.*broken on purpose/);
  });
});
