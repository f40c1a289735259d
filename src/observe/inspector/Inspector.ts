import type { IncomingMessage, ServerResponse } from 'node:http';
import { hooks } from '../../core/hooks.ts';
import { reasonOf } from '../../core/errors.ts';
import type { FlowView } from '../FlowView.ts';
import { EventStreams } from './EventStreams.ts';
import { LocalServer } from './LocalServer.ts';
import { ProcessWatch } from './ProcessWatch.ts';
import { readPage, type PageFile } from './readPage.ts';
import { Router } from './Router.ts';
import type { ShownFlow } from './ShownFlow.ts';
import { ShownFlows } from './ShownFlows.ts';

/** How a flow is shown. */
export interface InspectorOptions {
  /**
   * The port that is asked for: one that cannot be had leaves the flow without inspector. `undefined`: that of the inspector
   * that is there, or 4747, or another if that is taken.
   */
  readonly port?: number | undefined;
  /** Takes the line that says where the page is. Default: writes it to stderr. */
  readonly print?: ((line: string) => void) | undefined;
}

/** A flow that is shown. */
export interface Inspected {
  /** Where the page is. */
  readonly url: string;
  /** Shows the flow no more, whether it has ended or not. */
  detach(): void;
}

/**
 * Shows flows on a page of this machine. It begins with the first flow and ends with the last one that runs; nothing that goes
 * wrong in it reaches a flow.
 */
export class Inspector {
  readonly #flows = new ShownFlows();
  readonly #watch = new ProcessWatch();
  readonly #streams = new EventStreams(this.#flows, this.#watch, (error) => this.#fail(error));
  readonly #router: Router;
  readonly #asked: number | undefined;
  #server: LocalServer | undefined;
  #isAnnounced = false;

  private constructor(page: ReadonlyMap<string, PageFile>, asked: number | undefined) {
    this.#router = new Router({ flows: this.#flows, streams: this.#streams, watch: this.#watch, page });
    this.#asked = asked;
  }

  /**
   * Shows a flow until it and all others that are shown with it have ended. `undefined` if it cannot be shown, about which
   * there is a warning, or if it ended before the page was there. Never rejects.
   */
  static attach(view: FlowView, options: InspectorOptions): Promise<Inspected | undefined> {
    let onEnd: (() => void) | 'ended' | undefined;
    view.onEnd(() => {
      if (typeof onEnd === 'function') onEnd();
      onEnd = 'ended';
    });
    const attach = async (): Promise<Inspected | undefined> => {
      try {
        const inspector = Inspector.#find(options.port) ?? (await Inspector.#open(options.port));
        const shown = onEnd === 'ended' ? undefined : inspector.#show(view);
        if (shown === undefined) {
          inspector.#closeIfDone();
          return undefined;
        }
        onEnd = () => inspector.#end(shown);
        inspector.#announce(options.print ?? toStderr);
        return { url: inspector.#url, detach: () => inspector.#detach(shown) };
      } catch (error) {
        for (const inspector of inspectors) inspector.#closeIfDone();
        const why = `${reasonOf(error)}. The flow goes on without it`;
        hooks.warn(`The inspector cannot show flow "${view.name}": ${why}`, 'SLUICE_INSPECTOR');
        return undefined;
      }
    };
    // One after the other: the second of two that start together finds the inspector of the first.
    const attached = last.then(attach);
    last = attached.catch(() => {});
    return attached;
  }

  /** The inspector that is there, where it has the port that is asked for, or none is. */
  static #find(port: number | undefined): Inspector | undefined {
    return [...inspectors].find((one) => port === undefined || port === one.#port || port === one.#asked);
  }

  static async #open(port: number | undefined): Promise<Inspector> {
    const inspector = new Inspector(await readPage(), port);
    const answer = (request: IncomingMessage, response: ServerResponse): void => inspector.#answer(request, response);
    try {
      inspector.#server = await LocalServer.listen(port ?? PORT, answer);
    } catch (error) {
      if (port !== undefined) {
        throw new Error(`port ${port} of 127.0.0.1 cannot be had (${reasonOf(error)})`, { cause: error });
      }
      inspector.#server = await LocalServer.listen(0, answer);
    }
    inspectors.add(inspector);
    return inspector;
  }

  get #port(): number {
    return this.#server?.port ?? 0;
  }

  get #url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  #announce(print: (line: string) => void): void {
    if (this.#isAnnounced) return;
    this.#isAnnounced = true;
    const instead = this.#asked === undefined && this.#port !== PORT ? ` (port ${PORT} is taken)` : '';
    print(`sluice inspector: ${this.#url}${instead}\n`);
  }

  #show(view: FlowView): ShownFlow | undefined {
    const shown = this.#flows.add(view);
    if (shown === undefined) {
      hooks.warn(`The inspector shows too many flows already to show "${view.name}"`, 'SLUICE_INSPECTOR');
    }
    return shown;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    // The other side may go at any time.
    response.on('error', () => {});
    try {
      this.#router.answer(request, response, this.#port);
    } catch (error) {
      this.#fail(error);
    }
  }

  #end(shown: ShownFlow): void {
    shown.hasEnded = true;
    this.#closeIfDone();
  }

  #detach(shown: ShownFlow): void {
    this.#flows.delete(shown);
    this.#closeIfDone();
  }

  #closeIfDone(): void {
    if (this.#flows.running > 0 || !inspectors.has(this)) return;
    try {
      this.#streams.end();
      this.#close('whenSent');
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!inspectors.has(this)) return;
    this.#close('atOnce');
    hooks.warn(`The inspector failed and is closed; flows go on without it: ${reasonOf(error)}`, 'SLUICE_INSPECTOR');
  }

  #close(how: 'atOnce' | 'whenSent'): void {
    inspectors.delete(this);
    this.#streams.close();
    this.#router.close();
    this.#server?.close(how);
  }
}

/** Those that are open. */
const inspectors = new Set<Inspector>();
let last: Promise<unknown> = Promise.resolve();

/** Writes a line, whether or not anybody reads it. */
function toStderr(line: string): void {
  process.stderr.once('error', ignore);
  process.stderr.write(line, () => process.stderr.off('error', ignore));
}

function ignore(): void {}

const PORT = 4747;
