import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPage } from '../../../src/observe/inspector/readPage.ts';
import { readQuery } from '../../../src/observe/inspector/readQuery.ts';
import { refusalOf } from '../../../src/observe/inspector/refusalOf.ts';
import { get } from './ask.ts';
import { EventClient } from './EventClient.ts';
import { FakeView } from './fixtures/FakeView.ts';
import { inspected } from './inspect.ts';
import { stageReport } from '../stageReport.ts';

describe('/snapshot', () => {
  test('says everything that /events says', async () => {
    const view = new FakeView('import', {
      stages: [stageReport('read', { kind: 'source', to: ['x'] }), stageReport('x')],
    });
    await inspected(async (port) => {
      const client = await EventClient.open(port);
      const tick = await client.next('tick');
      const { body, headers } = await get(port, '/snapshot');
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
      const snapshot = JSON.parse(body);
      expect(snapshot).toEqual({
        hello: { ...client.heard[0]!.data, every: 200 },
        graphs: [client.heard[1]!.data],
        tick: expect.anything(),
      });
      expect(Object.keys(snapshot.tick)).toEqual(Object.keys(tick.data));
      expect(Object.keys(snapshot.tick.process)).toEqual(Object.keys(tick.data.process));
      expect({ ...snapshot.tick.flows[0], elapsed: 0 }).toEqual({ ...tick.data.flows[0], elapsed: 0 });
      client.close();
    }, view);
  });

  test('costs the flow no more looks than 40 a second, however often it is asked for', async () => {
    await inspected(async (port, view) => {
      const began = performance.now();
      const before = view.looks;
      await Promise.all(Array.from({ length: 50 }, () => get(port, '/snapshot')));
      expect(view.looks - before).toBeLessThanOrEqual((performance.now() - began) / 25 + 1);
    });
  });

  test('measures the event loop between two of them', async () => {
    await inspected(async (port) => {
      await get(port, '/snapshot');
      const blocked = performance.now() + 200;
      while (performance.now() < blocked);
      const { body } = await get(port, '/snapshot');
      expect(JSON.parse(body).tick.process.loopDelay).toBeGreaterThan(100);
    });
  });
});

describe('/histogram', () => {
  test('gives the buckets of one stage', async () => {
    const view = new FakeView('import', { stages: [stageReport('read', { kind: 'source' }), stageReport('store')] });
    view.times.set('store', new Uint32Array([0, 3, 1]));
    await inspected(async (port) => {
      const { body, headers } = await get(port, '/histogram?flow=1&stage=1');
      expect(JSON.parse(body)).toEqual({ flow: 1, stage: 1, name: 'store', buckets: [0, 3, 1] });
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
      expect(JSON.parse((await get(port, '/histogram?stage=0&flow=1')).body).buckets).toEqual([]);
    }, view);
  });

  test.each([
    ['', 400],
    ['?flow=1', 400],
    ['?flow=1&stage=x', 400],
    ['?flow=1&stage=-1', 400],
    ['?flow=1&stage=0&stage=0', 400],
    ['?flow=1&stage=0&x=1', 400],
    ['?flow=1&stage=1e1', 400],
    ['?flow=1&stage=%30', 400],
    ['?flow=1&stage=0&__proto__=1', 400],
    ['?flow=1&stage=99999999999999999999', 400],
    ['?flow=2&stage=0', 404],
    ['?flow=0&stage=0', 404],
    ['?flow=1&stage=1', 404],
  ])('%s gets an error', async (query, status) => {
    await inspected(async (port) => {
      expect((await get(port, `/histogram${query}`)).status).toBe(status);
    });
  });
});

describe('/metrics', () => {
  test('is text as Prometheus reads it', async () => {
    await inspected(async (port, view) => {
      view.now = { stages: [stageReport('store', { in: 3 })] };
      await expect
        .poll(async () => (await get(port, '/metrics')).body, { timeout: 20_000 })
        .toContain('sluice_stage_in_total{flow="fake",stage="store"} 3\n');
      expect((await get(port, '/metrics')).headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
      expect((await get(port, '/metrics?x=1')).status).toBe(400);
    });
  });

  test('tells flows of the same name apart', async () => {
    await inspected(async (port) => {
      await inspected(async () => {
        const { body } = await get(port, '/metrics');
        expect(body).toContain('sluice_flow_running{flow="fake"} 1\nsluice_flow_running{flow="fake #2"} 1\n');
      });
    });
  });
});

describe('X12', () => {
  test('nothing of a view is shown that the protocol does not name', async () => {
    const secret: object = { password: 'hunter2', authorization: 'hunter2', token: 'hunter2' };
    const view = Object.assign(new FakeView('x', { stages: [{ ...stageReport('a'), ...secret }], ...secret }), secret);
    await inspected(async (port) => {
      const client = await EventClient.open(port);
      await client.next('tick');
      const texts = [client.text];
      for (const path of ['/snapshot', '/metrics', '/histogram?flow=1&stage=0'])
        texts.push((await get(port, path)).text);
      view.end({ ...secret });
      await client.closed;
      texts.push(client.text);
      expect(texts.join('\n')).not.toMatch(/hunter2|password|authorization|token/);
    }, view);
  });
});

describe('the page', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'page-'));
    await mkdir(join(folder, 'built/assets/deeper.js'), { recursive: true });
    await mkdir(join(folder, 'unbuilt'));
    await writeFile(join(folder, 'secret.js'), 'secret');
    await writeFile(join(folder, 'built/index.html'), '<!doctype html>');
    await writeFile(join(folder, 'built/other.html'), 'no');
    for (const name of [
      'index-a1B2_c3.js',
      'style.css',
      'icon.svg',
      'x.png',
      '.hidden.js',
      'x.js.map',
      'x.exe',
      'a b.js',
    ]) {
      await writeFile(join(folder, 'built/assets', name), name);
    }
    await symlink(join(folder, 'secret.js'), join(folder, 'built/assets/link.js'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('X11 is a fixed list of files', async () => {
    const page = await readPage(pathToFileURL(`${folder}/built/`));
    expect(
      [...page].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([path, { type, body }]) => [path, type, String(body)]),
    ).toEqual([
      ['/', 'text/html; charset=utf-8', '<!doctype html>'],
      ['/assets/icon.svg', 'image/svg+xml', 'icon.svg'],
      ['/assets/index-a1B2_c3.js', 'text/javascript; charset=utf-8', 'index-a1B2_c3.js'],
      ['/assets/style.css', 'text/css; charset=utf-8', 'style.css'],
      ['/assets/x.png', 'image/png', 'x.png'],
    ]);
  });

  test('is empty where it has not been built', async () => {
    expect([...(await readPage(pathToFileURL(`${folder}/unbuilt/`)))]).toEqual([]);
    expect([...(await readPage(pathToFileURL(`${folder}/nowhere/`)))]).toEqual([]);
  });

  test('X10 is served with its policy, or an answer that says how to build it', async () => {
    const built = await readPage();
    await inspected(async (port) => {
      const answer = await get(port, '/', 'Sec-Fetch-Site: none');
      expect(answer.headers['content-security-policy']).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
      );
      const file = built.get('/');
      if (file === undefined)
        expect([answer.status, answer.body]).toEqual([503, expect.stringContaining('npm run build')]);
      else expect([answer.status, answer.body]).toEqual([200, String(file.body)]);
      for (const [path, { type, body }] of built) {
        const one = await get(port, path);
        expect([path, one.status, one.headers['content-type'], one.headers['content-length']]).toEqual([
          path,
          200,
          type,
          String(body.length),
        ]);
      }
    });
  });
});

describe('readQuery', () => {
  test.each([
    ['', {}],
    ['a=1', { a: 1 }],
    ['b=2&a=1', { a: 1, b: 2 }],
    ['a=007', { a: 7 }],
    ['a=1234567890', undefined],
    ['a', undefined],
    ['a=', undefined],
    ['a=1&', undefined],
    ['&', undefined],
    ['a=1&a=1', undefined],
    ['a=0&a=1', undefined],
    ['A=1', undefined],
    ['a=+1', undefined],
    ['a=1=1', undefined],
    ['toString=1', undefined],
  ])('%j gives %j', (query, read) => {
    expect(readQuery(query, ['a', 'b'])).toEqual(read);
  });

  test('X6 takes no longer for a long one', () => {
    const began = performance.now();
    for (const query of ['&'.repeat(1e5), '1'.repeat(1e5), `a=${'1'.repeat(1e5)}x`]) readQuery(query, ['a']);
    expect(performance.now() - began).toBeLessThan(1000);
  });
});

function from(host: string) {
  return { headers: {}, headersDistinct: { host: [host] }, method: 'GET', url: '/' } as unknown as IncomingMessage;
}

describe('refusalOf', () => {
  test('knows that clients leave out the port 80, and no other', () => {
    expect(refusalOf(from('127.0.0.1'), 80)).toBeUndefined();
    expect(refusalOf(from('localhost:80'), 80)).toBeUndefined();
    expect(refusalOf(from('evil.com'), 80)?.status).toBe(403);
    expect(refusalOf(from('127.0.0.1'), 4747)?.status).toBe(403);
  });
});
