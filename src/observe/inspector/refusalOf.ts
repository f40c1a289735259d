import type { IncomingMessage } from 'node:http';

/** Why a request gets nothing but an error. */
export interface Refusal {
  readonly status: 400 | 403 | 405;
  /** In a sentence. */
  readonly why: string;
}

/**
 * Says why a request is refused, or gives `undefined` if it may be answered. The page and everything that it shows is for
 * programs of this machine and for pages of this server only:
 *
 * - The name that was asked for must be one that only this machine can be meant by, letter for letter. Any other may have
 *   been made to point here by somebody else's name server (DNS rebinding).
 * - Where a browser says who asks, it must be a page of this server or a person who typed the address.
 * - It must be a reading method without a body.
 */
export function refusalOf(request: IncomingMessage, port: number): Refusal | undefined {
  const { headers, headersDistinct, method, url } = request;
  const hosts = headersDistinct['host'] ?? [];
  const [host] = hosts;
  if (host === undefined) return { status: 400, why: 'The Host header is missing.' };
  if (hosts.length > 1) return { status: 400, why: 'There is more than one Host header.' };
  if (!isOwn(host, port)) return { status: 403, why: `The inspector answers only as 127.0.0.1:${port}.` };
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) return FOREIGN;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return FOREIGN;
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, why: 'The inspector can only be read: GET or HEAD.' };
  if (headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0') {
    return { status: 400, why: 'A request that reads has no body.' };
  }
  // Also `http://...` and `*`, which are for proxies and OPTIONS.
  if (url?.startsWith('/') !== true) return { status: 400, why: 'The address must be a path.' };
  return undefined;
}

const FOREIGN: Refusal = { status: 403, why: 'Pages of other origins may not read the inspector.' };

const NAMES = ['127.0.0.1', '[::1]', 'localhost'];

function isOwn(host: string, port: number): boolean {
  // Clients leave out the port that `http` has by itself.
  return NAMES.some((name) => host === `${name}:${port}` || (port === 80 && host === name));
}
