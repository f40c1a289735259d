import { get, type ClientRequest, type IncomingMessage } from 'node:http';
import { once } from 'node:events';

/** One event of the server. */
export interface Heard {
  readonly event: string;
  /** Whatever JSON the server sends. */
  readonly data: any;
  /** When it was heard. */
  readonly at: number;
}

/** Listens to `/events`. */
export class EventClient {
  readonly heard: Heard[] = [];
  /** Everything as it came. */
  text = '';
  readonly closed: Promise<void>;
  readonly response: IncomingMessage;
  readonly #request: ClientRequest;
  #onEvent = (): void => {};
  #rest = '';

  private constructor(request: ClientRequest, response: IncomingMessage) {
    this.#request = request;
    this.response = response;
    this.closed = new Promise((resolve) => response.on('close', resolve));
    response.on('error', () => {});
    response.setEncoding('utf8').on('data', (data: string) => this.#read(data));
  }

  static async open(port: number, query = '?every=100'): Promise<EventClient> {
    const request = get({ host: '127.0.0.1', port, path: `/events${query}`, agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    request.on('error', () => {});
    return new EventClient(request, response);
  }

  /** The next event that passes, from those not heard yet when this is called. */
  async next(event: string, test: (data: any) => boolean = () => true): Promise<Heard> {
    let i = this.heard.length;
    for (;;) {
      for (; i < this.heard.length; i++) {
        const one = this.heard[i]!;
        if (one.event === event && test(one.data)) return one;
      }
      await new Promise<void>((resolve) => (this.#onEvent = resolve));
    }
  }

  close(): void {
    this.#request.destroy();
  }

  #read(data: string): void {
    this.text += data;
    const events = (this.#rest + data).split('\n\n');
    this.#rest = events.pop()!;
    for (const text of events) {
      const fields = new Map(
        text.split('\n').map((line) => [line.split(': ')[0]!, line.slice(line.indexOf(': ') + 2)]),
      );
      const at = performance.now();
      this.heard.push({ event: fields.get('event')!, data: JSON.parse(fields.get('data')!), at });
    }
    this.#onEvent();
  }
}
