import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { safeHeaders } from './safeHeaders.ts';

/**
 * Answers with an error and closes, where there is no response object: what was sent is no request, took too long, or asks
 * for another protocol.
 */
export function refuseSocket(socket: Duplex, status: 400 | 405 | 408 | 431, why: string): void {
  // It may be reset while the answer is on its way.
  socket.on('error', () => {});
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const headers = {
    Connection: 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': Buffer.byteLength(why) + 1,
    ...(status === 405 ? { Allow: 'GET, HEAD' } : {}),
    ...safeHeaders,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  // It is destroyed once the answer has left, however long the other side goes on sending.
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${why}\n`, () => socket.destroy());
}
