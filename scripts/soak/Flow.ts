import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Subject, skip, take, tap, type Observable } from 'rxjs';
import { FileWriteError, FlowError, run, type Report, type Run } from 'sluice';
import type { Fixtures } from './Fixtures.ts';
import { makeOperator } from './operators.ts';
import type { Random } from './Random.ts';
import { makeSink, type Sink } from './sinks.ts';
import { makeSource } from './sources.ts';
import { Tally, type Parcel } from './Tally.ts';
import { isPlanned, type Workshop } from './Workshop.ts';

/** How a flow is made to end, if it does not end before. */
type Ending = 'by itself' | 'take' | 'unsubscribe' | 'shutdown' | 'quitOn' | 'abort' | 'signal' | 'deadline';

/** How a flow ended. */
type Ended = 'completed' | 'quit' | 'aborted' | 'failed' | 'unsubscribed';

/** One random flow: made, run to its end, and checked. */
export class Flow {
  readonly tally: Tally;
  /** Source, operators and sink, in words. */
  readonly name: string;
  ended: Ended | undefined;
  readonly #shop: Workshop;
  readonly #ending: Ending;
  readonly #isUnderRun: boolean;
  readonly #keeps: boolean;
  readonly #sink: Sink;
  readonly #flow: Observable<unknown>;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(index: number, random: Random, fixtures: Fixtures, losesOne: boolean) {
    const under = random.chance(0.6) ? UNDER_RUN : PLAIN;
    this.#ending = random.chance(0.6) ? 'by itself' : random.pick(under);
    this.tally = new Tally(random.int(0, 20) === 0 ? random.int(1_000, 5_000) : random.int(0, 300));
    this.#shop = { random, fixtures, index, tally: this.tally, mayFail: random.chance(0.2) };
    const source = makeSource(this.#shop);
    const operators = Array.from({ length: random.int(0, 4) }, () => makeOperator(this.#shop));
    this.#sink = makeSink(this.#shop);
    this.#isUnderRun = under === UNDER_RUN;
    this.#keeps = operators.some(({ keeps }) => keeps === true);
    let flow: Observable<Parcel> = source.part.pipe(tap((parcel) => this.tally.made(parcel)));
    if (losesOne) flow = flow.pipe(skip(1));
    for (const { part } of operators) flow = flow.pipe(part);
    if (this.#ending === 'take') flow = flow.pipe(take(random.int(1, 50)));
    this.#flow = flow.pipe(this.#sink.part);
    const how = `${this.#isUnderRun ? 'run' : 'subscribe'}, ends ${this.#ending}`;
    this.name = `flow ${index} (${how}): ${[source, ...operators, this.#sink].map(({ name }) => name).join(' → ')}`;
  }

  /** Runs it to its end, and writes what is wrong into its tally. */
  async run(): Promise<void> {
    let timeout: ReturnType<typeof setTimeout> | undefined;
    const patience = new Promise<'hangs'>((resolve) => (timeout = setTimeout(() => resolve('hangs'), PATIENCE)));
    const end = await Promise.race([this.#isUnderRun ? this.#underRun() : this.#subscribed(), patience]);
    clearTimeout(timeout);
    clearTimeout(this.#timer);
    if (end === 'hangs') return this.tally.fault(`it has not ended after ${PATIENCE} ms`);
    this.ended = end;
    const isWhole = end === 'completed' || end === 'quit';
    if (isWhole) await this.#sink.verify?.();
    // After a `take` nobody says what became of the rest.
    const mustBeWhole = end === 'completed' ? this.#ending !== 'take' : end === 'quit' && !this.#keeps;
    if (mustBeWhole && this.tally.open !== 0)
      this.tally.fault(`it ${end}, and ${this.tally.open} of ${this.tally.counts.made} items are lost`);
    await this.#removeFile();
  }

  #subscribed(): Promise<Ended> {
    return new Promise((resolve) => {
      const subscription = this.#flow.subscribe({
        error: (error: unknown) => {
          this.#checkError(error);
          resolve('failed');
        },
        complete: () => resolve('completed'),
      });
      if (this.#ending !== 'unsubscribe') return;
      this.#later(() => {
        if (subscription.closed) return;
        subscription.unsubscribe();
        resolve('unsubscribed');
      });
    });
  }

  async #underRun(): Promise<Ended> {
    const { random } = this.#shop;
    const controller = new AbortController();
    const quitOn = new Subject<void>();
    const started: Run = run(this.#flow, {
      name: 'soak',
      ...(this.#ending === 'signal' ? { signal: controller.signal } : {}),
      ...(this.#ending === 'quitOn' ? { quitOn } : {}),
      ...(this.#ending === 'deadline' ? { deadline: random.int(0, 20) } : {}),
    });
    if (this.#ending === 'shutdown') this.#later(() => void started.shutdown().catch(() => {}));
    if (this.#ending === 'abort') this.#later(() => started.abort());
    if (this.#ending === 'signal') this.#later(() => controller.abort());
    if (this.#ending === 'quitOn') this.#later(() => quitOn.next());
    try {
      const report = await started.done;
      this.#checkReport(report);
      return report.ended;
    } catch (error) {
      if (!(error instanceof FlowError)) throw error;
      this.#checkError(error.cause);
      this.#checkReport(error.report);
      return 'failed';
    }
  }

  #later(act: () => void): void {
    const { random } = this.#shop;
    this.#timer = setTimeout(act, random.pick([0, 1, 2, 5, 10, 30]));
  }

  #checkError(error: unknown): void {
    const isMissing = error instanceof FileWriteError && (error.cause as { code?: unknown }).code === 'ENOENT';
    if (!isPlanned(error) && !isMissing) this.tally.fault(`it fails with ${String(error)}`);
  }

  /** In every stage each item that arrived is accounted for, and nothing is left. */
  #checkReport({ stages }: Report): void {
    for (const stage of stages) {
      const { name, kind, held, completed, failed, dropped, merged, deadLettered, abandoned } = stage;
      if (held > 0) this.tally.fault(`"${name}" holds ${held} after the end`);
      const known = completed + failed + dropped + merged + deadLettered + abandoned;
      if (kind === 'stage' && known !== stage.in)
        this.tally.fault(`${stage.in} items arrived in "${name}", and it accounts for ${known}`);
    }
  }

  async #removeFile(): Promise<void> {
    const { fixtures, index } = this.#shop;
    for (const end of ['ndjson', 'ndjson.gz']) await rm(join(fixtures.out, `${index}.${end}`), { force: true });
  }
}

const PLAIN: readonly Ending[] = ['take', 'unsubscribe'];
const UNDER_RUN: readonly Ending[] = ['take', 'shutdown', 'quitOn', 'abort', 'signal', 'deadline'];

/** Far longer than any flow takes, also on a machine that is busy. */
const PATIENCE = 60_000;
