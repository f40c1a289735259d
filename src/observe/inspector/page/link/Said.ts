import type { Message, Status } from './Sink.ts';

/** The last of everything that was said: what somebody has missed who comes later. */
export class Said {
  #status: Status | undefined;
  readonly #messages = new Map<string, Message>();

  take(message: Message): void {
    if (message.type === 'bye') return;
    // After a greeting all is told anew.
    if (message.type === 'hello') this.#messages.clear();
    if (message.type === 'tick') this.#forgetAllBut(message.data.flows);
    const key = message.type === 'graph' ? `graph${message.data.flow}` : message.type;
    // They stay in the order in which they were said: a tick is of the graphs before it.
    this.#messages.delete(key);
    this.#messages.set(key, message);
  }

  status(status: Status): void {
    this.#status = status;
  }

  get all(): readonly ({ readonly message: Message } | { readonly status: Status })[] {
    const status = this.#status === undefined ? [] : [{ status: this.#status }];
    return [...status, ...[...this.#messages.values()].map((message) => ({ message }))];
  }

  /** The server forgets flows that ended long ago: a page that is open for days hears of many. */
  #forgetAllBut(flows: readonly { readonly flow: number }[]): void {
    const there = new Set(flows.map(({ flow }) => `graph${flow}`));
    for (const [key, { type }] of this.#messages) if (type === 'graph' && !there.has(key)) this.#messages.delete(key);
  }
}
