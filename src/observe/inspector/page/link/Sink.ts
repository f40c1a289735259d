import type { Graph, Hello, Tick } from '../../protocol.ts';

/** What the server says, by whichever way it came. */
export type Message =
  | { readonly type: 'hello'; readonly data: Hello }
  | { readonly type: 'graph'; readonly data: Graph }
  | { readonly type: 'tick'; readonly data: Tick }
  | { readonly type: 'bye' };

/** How the page stands with the server. */
export interface Status {
  readonly phase: 'connecting' | 'live' | 'polling' | 'lost' | 'ended';
  /** In milliseconds since 1970. */
  readonly since: number;
  /** How often it was tried since then. */
  readonly tries: number;
}

/** Takes what comes from the server. */
export interface Sink {
  take(message: Message): void;
  status(status: Status): void;
}

/** Ends what was started. */
export type Stop = () => void;
