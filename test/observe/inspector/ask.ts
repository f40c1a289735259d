import { connect } from 'node:net';

/** What came back for raw bytes. */
export interface Answer {
  readonly status: number;
  /** By their names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Everything, as it came. */
  readonly text: string;
}

/** Sends bytes as they are and reads until the other side closes. */
export async function ask(port: number, bytes: string | Buffer, address = '127.0.0.1'): Promise<Answer> {
  const socket = connect(port, address);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A server that has heard enough may reset the connection while more is being sent.
  socket.on('error', () => {});
  socket.write(bytes);
  await new Promise((resolve) => socket.on('close', resolve));
  const text = Buffer.concat(chunks).toString();
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  return { status: Number(first.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n'), text };
}

/** Asks as a browser does whose user has typed the address. */
export function get(port: number, path: string, ...headers: string[]): Promise<Answer> {
  return ask(port, request('GET', path, `Host: 127.0.0.1:${port}`, ...headers));
}

export function request(method: string, path: string, ...headers: string[]): string {
  return [`${method} ${path} HTTP/1.1`, ...headers, 'Connection: close', '', ''].join('\r\n');
}
