/** How many calls deep a place is remembered. */
const DEPTH = 40;

/** Test runners do things of their own while a test runs: report, time out, load modules. Those are not the test's. */
const RUNNER = /[/\\]node_modules[/\\](?:vitest|@vitest|vite|tinypool|mocha|jest-[\w-]+|jest|@jest)[/\\]/;

/** What only passes on a call: a spy, and the wrapper that vitest and tsx put round `process.emit`. */
const PASSING = /[/\\]node_modules[/\\]@vitest[/\\]spy[/\\]|[/\\]suppress-warnings[.]c?js/;

/** A place in a program where something was made. Remembering one is cheap; its text is made when it is read. */
export class Site {
  readonly #trace: { stack?: string } = {};
  #lines: readonly string[] | undefined;

  /** The place where `caller` was called. */
  constructor(caller: (...args: never[]) => unknown) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = DEPTH;
    Error.captureStackTrace(this.#trace, caller);
    Error.stackTraceLimit = stackTraceLimit;
  }

  /** The calls outside Node.js up to the body of `noLeaks`, a line each, the innermost first. */
  get calls(): string {
    const calls = this.#all.filter((line) => !isOfNode(line));
    const body = calls.findIndex((line) => /^at (?:async )?noLeaks [(]/.test(line));
    return calls.slice(0, body === -1 ? undefined : body).join('\n');
  }

  /** Whether no code outside Node.js is to be seen: Node.js answered something from outside. */
  get isOfNode(): boolean {
    return this.#all.every(isOfNode);
  }

  /** Whether a test runner made it for itself. */
  get isOfRunner(): boolean {
    return RUNNER.test(this.#all.find((line) => !isOfNode(line)) ?? '');
  }

  /** Whether it was made on behalf of a call that matches. */
  isWithin(call: RegExp): boolean {
    return this.#all.some((line) => call.test(line));
  }

  get #all(): readonly string[] {
    this.#lines ??= String(this.#trace.stack)
      .split('\n')
      .filter((line) => /^\s+at /.test(line) && !PASSING.test(line))
      .map((line) => line.trim());
    return this.#lines;
  }
}

function isOfNode(line: string): boolean {
  return /[( ]node:|[(]native[)]|[(]<anonymous>[)]/.test(line);
}
