import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { refuseSocket } from './refuseSocket.ts';

/**
 * A HTTP server that only this machine can reach: it listens on 127.0.0.1 and, where that can be had, on the same port of ::1.
 * It never keeps the process alive. Whoever is slow or sends what is no request is cut off.
 */
export class LocalServer {
  readonly port: number;
  readonly #http: Server;
  readonly #tcp6: TcpServer;
  readonly #sockets: ReadonlySet<Socket>;

  private constructor(http: Server, tcp6: TcpServer, sockets: ReadonlySet<Socket>) {
    this.port = (http.address() as AddressInfo).port;
    this.#http = http;
    this.#tcp6 = tcp6;
    this.#sockets = sockets;
  }

  /** Rejects with the system's error if the port cannot be had; 0 is any that is free. */
  static async listen(
    port: number,
    answer: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<LocalServer> {
    const http = createServer(SETTINGS);
    const sockets = new Set<Socket>();
    http.maxConnections = MAX_CONNECTIONS;
    http.on('request', answer);
    // Without these, Node would answer by itself, and without our headers.
    http.on('checkContinue', answer);
    http.on('checkExpectation', answer);
    http.on('connection', (socket: Socket) => {
      socket.unref();
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    http.on('clientError', refuseMalformed);
    http.on('upgrade', (_request, socket: Duplex) => refuseSocket(socket, 400, 'There is no other protocol here.'));
    http.on('connect', (_request, socket: Duplex) => refuseSocket(socket, 405, 'This is no proxy.'));
    await listen(http, port, '127.0.0.1');
    const tcp6 = createTcpServer((socket) => http.emit('connection', socket));
    tcp6.maxConnections = MAX_CONNECTIONS;
    const server = new LocalServer(http, tcp6, sockets);
    // A machine may have no ::1, and another program may have this port of it: 127.0.0.1 is the address that is printed.
    await listen(tcp6, server.port, '::1').catch(() => {});
    return server;
  }

  /**
   * Accepts nothing any more, and cuts off at once or, if what has been written is to arrive, after a moment. Only for that
   * it may keep the process alive.
   */
  close(how: 'atOnce' | 'whenSent'): void {
    this.#http.close();
    this.#tcp6.close();
    if (how === 'atOnce') {
      this.#http.closeAllConnections();
      return;
    }
    const timer = setTimeout(() => this.#http.closeAllConnections(), PATIENCE).unref();
    const onClose = (): void => {
      if (this.#sockets.size === 0) clearTimeout(timer);
    };
    for (const socket of this.#sockets) socket.on('close', onClose);
    onClose();
    // What is written leaves at the end of this turn of the event loop, as far as the system takes it.
    setImmediate(() => {
      const behind = [...this.#sockets].filter(({ writableLength }) => writableLength > 0);
      for (const socket of behind) socket.ref();
      if (behind.length > 0) timer.ref();
    });
  }
}

/** Resolves when the server listens. Errors that come later, when a connection cannot be accepted, are nobody's concern. */
function listen(server: TcpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen({ port, host, exclusive: true }, resolve);
    server.unref();
  });
}

/** `clientError` of Node: what came is no request, or not in time. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  // An answer has been begun on this connection: nothing else can be said.
  if ((socket as Socket).bytesWritten > 0) socket.destroy();
  else if (error.code === 'HPE_HEADER_OVERFLOW') refuseSocket(socket, 431, 'The headers are too long.');
  else if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') refuseSocket(socket, 408, 'The request took too long.');
  else refuseSocket(socket, 400, 'This is no request.');
}

/** Milliseconds. Half a request is cut off after three seconds. */
const SETTINGS = {
  headersTimeout: 2500,
  requestTimeout: 2500,
  connectionsCheckingInterval: 250,
  keepAliveTimeout: 5000,
  maxHeaderSize: 16 * 1024,
  insecureHTTPParser: false,
  // A request without a Host header is refused with our headers.
  requireHostHeader: false,
};
const MAX_CONNECTIONS = 64;
const PATIENCE = 500;
