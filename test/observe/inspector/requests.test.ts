import { execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ask, get, request, type Answer } from './ask.ts';
import { inspected } from './inspect.ts';

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** The answer is an error in plain words with all headers, and afterwards the server still answers. */
async function expectRefusal(port: number, answer: Answer, status: number) {
  expect(answer.status).toBe(status);
  expect(answer.headers).toMatchObject({
    ...HEADERS,
    'content-type': 'text/plain; charset=utf-8',
    connection: 'close',
  });
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  expect(answer.text.match(/HTTP\/1/g)).toHaveLength(1);
  expect((await get(port, '/snapshot')).status).toBe(200);
}

describe('X7 where it listens', () => {
  test('is 127.0.0.1 and ::1 and no other address', async () => {
    await inspected(async (port) => {
      const lines = execFileSync('ss', ['-ltnH', `sport = :${port}`], { encoding: 'utf8' })
        .trim()
        .split('\n');
      const local = lines.map((line) => line.split(/\s+/)[3]!);
      expect(new Set(local)).toEqual(new Set([`127.0.0.1:${port}`, `[::1]:${port}`]));
    });
  });

  test('answers on both', async () => {
    await inspected(async (port) => {
      for (const [address, host] of [
        ['127.0.0.1', `127.0.0.1:${port}`],
        ['127.0.0.1', `localhost:${port}`],
        ['::1', `[::1]:${port}`],
        ['::1', `localhost:${port}`],
      ] as const) {
        const answer = await ask(port, request('GET', '/snapshot', `Host: ${host}`), address);
        expect([address, host, answer.status]).toEqual([address, host, 200]);
      }
    });
  });
});

describe('X8 the name it is asked by', () => {
  test.each([
    'evil.com',
    'evil.com:PORT',
    '127.0.0.1',
    'localhost',
    '127.0.0.1.evil.com:PORT',
    'localhost.evil.com:PORT',
    'localhost6:PORT',
    'LOCALHOST:PORT',
    'Localhost:PORT',
    'localhost.:PORT',
    '127.0.0.1.:PORT',
    '0.0.0.0:PORT',
    '127.1:PORT',
    '2130706433:PORT',
    '0x7f.0.0.1:PORT',
    '[::]:PORT',
    '[::ffff:127.0.0.1]:PORT',
    '[0:0:0:0:0:0:0:1]:PORT',
    '::1:PORT',
    '127.0.0.1:1',
    '127.0.0.1:0PORT',
    '127.0.0.1:PORT0',
    '127.0.0.1:PORT/',
    '127.0.0.1:PORT?',
    'user@127.0.0.1:PORT',
    '127.0.0.1:PORT, 127.0.0.1:PORT',
    'löcalhost:PORT',
    '__proto__',
    '',
  ])('is refused with 403 if it is %j', async (host) => {
    await inspected(async (port) => {
      const given = host.replaceAll('PORT', String(port));
      await expectRefusal(port, await ask(port, request('GET', '/snapshot', `Host: ${given}`)), 403);
    });
  });

  test('is refused with 400 if it is missing or comes twice', async () => {
    await inspected(async (port) => {
      const own = `Host: 127.0.0.1:${port}`;
      await expectRefusal(port, await ask(port, request('GET', '/snapshot')), 400);
      await expectRefusal(port, await ask(port, 'GET /snapshot HTTP/1.0\r\n\r\n'), 400);
      await expectRefusal(port, await ask(port, request('GET', '/snapshot', own, 'Host: evil.com')), 400);
      await expectRefusal(port, await ask(port, request('GET', '/snapshot', own, own)), 400);
    });
  });
});

describe('X9 who asks', () => {
  const paths = ['/', '/events', '/snapshot', '/histogram?flow=1&stage=0', '/metrics', '/assets/x.js', '/nothing'];
  test.each([
    'Origin: http://evil.com',
    'Origin: null',
    'Origin: https://127.0.0.1:PORT',
    'Origin: http://localhost:PORT',
    'Origin: http://127.0.0.1',
    'Sec-Fetch-Site: cross-site',
    'Sec-Fetch-Site: same-site',
    'Sec-Fetch-Site: SAME-ORIGIN',
    'Sec-Fetch-Site: ',
    'Sec-Fetch-Site: none\r\nSec-Fetch-Site: none',
  ])('is refused with 403 everywhere with "%s"', async (header) => {
    await inspected(async (port) => {
      for (const path of paths) {
        const given = header.replaceAll('PORT', String(port));
        await expectRefusal(port, await get(port, path, given), 403);
      }
    });
  });

  test('may be a page of the server itself, or a person', async () => {
    await inspected(async (port) => {
      for (const headers of [
        ['Sec-Fetch-Site: same-origin'],
        ['Sec-Fetch-Site: none', 'Sec-Fetch-Mode: navigate'],
        [`Origin: http://127.0.0.1:${port}`, 'Sec-Fetch-Site: same-origin'],
      ]) {
        const answer = await get(port, '/snapshot', ...headers);
        expect(answer.status).toBe(200);
        expect(answer.headers).toMatchObject({ ...HEADERS, 'content-type': 'application/json; charset=utf-8' });
        expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      }
    });
  });

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'])(
    '%s is refused with 405 and says what is allowed',
    async (method) => {
      await inspected(async (port) => {
        const answer = await ask(port, request(method, '/snapshot', `Host: 127.0.0.1:${port}`));
        // A method that Node does not know is no request to it.
        await expectRefusal(port, answer, answer.status === 400 && method === 'QUERY' ? 400 : 405);
        if (answer.status === 405) expect(answer.headers['allow']).toBe('GET, HEAD');
      });
    },
  );

  test('a form that another page sends is refused, whatever it says of itself', async () => {
    await inspected(async (port) => {
      const host = `Host: 127.0.0.1:${port}`;
      for (const [headers, status] of [
        [['Content-Type: text/plain', 'Origin: http://evil.com'], 403],
        [['Content-Type: application/x-www-form-urlencoded', 'Origin: null'], 403],
        [['Content-Type: application/json', 'Sec-Fetch-Site: cross-site'], 403],
        [['Content-Type: text/plain'], 405],
      ] as const) {
        const answer = await ask(port, `${request('POST', '/', host, ...headers, 'Content-Length: 2')}{}`);
        await expectRefusal(port, answer, status);
      }
    });
  });

  test('asking for everything there is changes nothing', async () => {
    await inspected(async (port, view) => {
      const before = JSON.stringify([view.now, view.quitting, view.report]);
      for (const path of paths.filter((one) => one !== '/events')) await get(port, path);
      const [once, again] = [await get(port, '/snapshot'), await get(port, '/snapshot')];
      expect(JSON.parse(again.body).graphs).toEqual(JSON.parse(once.body).graphs);
      expect(JSON.stringify([view.now, view.quitting, view.report])).toBe(before);
    });
  });

  test('HEAD is answered without a body', async () => {
    await inspected(async (port) => {
      for (const path of ['/snapshot', '/metrics', '/events', '/nothing']) {
        const answer = await ask(port, request('HEAD', path, `Host: 127.0.0.1:${port}`));
        expect([path, answer.status, answer.body]).toEqual([path, path === '/nothing' ? 404 : 200, '']);
        expect(answer.headers).toMatchObject(HEADERS);
      }
    });
  });
});

describe('X11 and I4 what is asked for', () => {
  test.each([
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/../../etc/passwd',
    '/assets/../../../package.json',
    '/assets/..%2f..%2fpackage.json',
    '/assets/%2e%2e/index.html',
    '/assets/',
    '/assets',
    String.raw`/..\..\etc\passwd`,
    String.raw`\etc\passwd`,
    '//etc/passwd',
    '//127.0.0.1/snapshot',
    '/snapshot/',
    '/snapshot%00',
    '/%00',
    '/%',
    '/%ff%fe',
    '/%E0%A4%A',
    '/?raw??',
    '/?import&raw',
    '/index.html',
    '/index.html?raw??',
    '/@fs/etc/passwd',
    '/__proto__',
    '/constructor',
    '/toString',
    '/snapshot;x=1',
    '/snapshot#x',
    `/${'a'.repeat(8000)}`,
  ])('gets no file for %.40s', async (path) => {
    await inspected(async (port) => {
      const answer = await get(port, path);
      await expectRefusal(port, answer, path.startsWith('/') ? 404 : 400);
      expect(answer.body.length).toBeLessThan(100);
    });
  });

  const own = 'Host: 127.0.0.1:PORT';
  test.each<[what: string, bytes: string | Buffer, status: number]>([
    ['absolute form', request('GET', 'http://127.0.0.1:PORT/snapshot', own), 400],
    ['absolute form of another host', request('GET', 'http://evil.com/', own), 400],
    ['no path', request('GET', '*', own), 400],
    ['NUL in the path', request('GET', '/snap\0shot', own), 400],
    ['NUL in the host', request('GET', '/snapshot', `${own}\0`), 400],
    ['CR in a header', request('GET', '/snapshot', own, 'X: a\rb'), 400],
    ['a space in a header name', request('GET', '/snapshot', own, 'X Y: a'), 400],
    ['a header without colon', request('GET', '/snapshot', own, 'nonsense'), 400],
    ['bytes that are no text', Buffer.from([0, 255, 254, 13, 10, 13, 10]), 400],
    ['TLS', Buffer.from('16030100c8010000c40303', 'hex'), 400],
    ['another protocol', 'SSH-2.0-x\r\n\r\n', 400],
    ['an older version', 'GET /snapshot HTTP/0.9\r\n\r\n', 400],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a body', `${request('GET', '/snapshot', own, 'Content-Length: 5')}hello`, 400],
    ['a body in chunks', `${request('GET', '/snapshot', own, 'Transfer-Encoding: chunked')}0\r\n\r\n`, 400],
    ['two lengths', request('GET', '/snapshot', own, 'Content-Length: 0', 'Content-Length: 5'), 400],
    ['length and chunks', request('GET', '/snapshot', own, 'Content-Length: 5', 'Transfer-Encoding: chunked'), 400],
    ['a length that is none', request('GET', '/snapshot', own, 'Content-Length: -1'), 400],
    ['headers of 20 KB', request('GET', '/snapshot', own, `X: ${'x'.repeat(20_000)}`), 431],
    ['a path of 20 KB', request('GET', `/${'x'.repeat(20_000)}`, own), 431],
    ['another expectation', request('GET', '/nothing', own, 'Expect: a-pony'), 404],
    ['a body announced', request('GET', '/snapshot', own, 'Expect: 100-continue', 'Content-Length: 5'), 400],
    ['CONNECT', request('CONNECT', 'evil.com:80', own), 405],
  ])('is refused if it comes with %s', async (_, bytes, status) => {
    await inspected(async (port) => {
      const given = typeof bytes === 'string' ? bytes.replaceAll('PORT', String(port)) : bytes;
      await expectRefusal(port, await ask(port, given), status);
    });
  });

  test.each([
    ['headers of 8 MB', request('GET', '/snapshot', own, `X: ${'x'.repeat(8e6)}`)],
    ['a path of 8 MB', request('GET', `/${'x'.repeat(8e6)}`, own)],
    ['a million headers', request('GET', '/snapshot', own, `X: y\r\n`.repeat(1e6).trimEnd())],
  ])('is cut off if it comes with %s', async (_, bytes) => {
    await inspected(async (port) => {
      const { status } = await ask(port, bytes.replaceAll('PORT', String(port)));
      // The answer may be lost where more was on its way.
      expect([0, 431]).toContain(status);
      expect((await get(port, '/snapshot')).status).toBe(200);
    });
  });

  test.each([
    [
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ],
    ['Upgrade: h2c', 'Connection: Upgrade, HTTP2-Settings'],
  ])('is refused and closed if it asks for another protocol (%s)', async (...headers) => {
    await inspected(async (port) => {
      const bytes = [`GET /events HTTP/1.1`, `Host: 127.0.0.1:${port}`, ...headers, '', ''].join('\r\n');
      await expectRefusal(port, await ask(port, bytes), 400);
      await expectRefusal(port, await ask(port, bytes.replace('127.0.0.1', 'evil.com')), 400);
    });
  });

  test('what breaks off in the middle does no harm', async () => {
    await inspected(async (port) => {
      const whole = request('GET', '/snapshot', `Host: 127.0.0.1:${port}`);
      for (let length = 0; length <= whole.length; length += 7) {
        await new Promise<void>((resolve) => {
          const socket = connect(port, '127.0.0.1', () => {
            socket.write(whole.slice(0, length), () => socket.resetAndDestroy());
          });
          socket.on('error', () => {});
          socket.on('close', () => resolve());
        });
      }
      expect((await get(port, '/snapshot')).status).toBe(200);
    });
  });
});
