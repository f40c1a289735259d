import { asyncScheduler, type OperatorFunction } from 'rxjs';
import { operate, Stage, type Connection, type ItemContext, type StageOutput } from 'sluice';

/** What is wrong with a {@link faultyPool}. */
export type Fault =
  | 'none'
  | 'runs one too many once the gate has flipped'
  | 'loses the last item if its work ends at once'
  | 'gets out of order after a failure'
  | 'starts an item after it was unsubscribed'
  | 'does not cancel'
  | 'cancels a moment late'
  | 'loses a wake-up'
  | 'holds one more than it may'
  | 'sends a value twice'
  | 'completes early'
  | 'swallows an error'
  | 'wraps an error'
  | 'keeps an error back while the gate is closed'
  | 'sends through a closed gate'
  | 'starts while the gate is closed'
  | 'sends a value inside another'
  | 'leaves a timer behind'
  | 'does not count'
  | 'gives items up silently'
  | 'never completes';

interface Settings {
  readonly concurrency: number;
  readonly capacity: number;
  readonly order: 'input' | 'completion';
  readonly onError: 'stop' | 'skip';
}

interface Job {
  readonly index: number;
  readonly controller: AbortController;
  isReady: boolean;
  value: string;
}

type Work = (item: number, context: ItemContext) => StageOutput<string>;

/** A worker pool for plain values and promises, right except for one fault. */
export function faultyPool(fault: Fault, fn: Work, settings: Settings): OperatorFunction<number, string> {
  return operate((connection) => new FaultyPool(connection, fault, fn, settings));
}

class FaultyPool extends Stage<number, string> {
  readonly #fault: Fault;
  readonly #fn: Work;
  readonly #settings: Settings;
  /** Begun and not left; in completion order those that are ready stand behind the others. */
  #jobs: Job[] = [];
  #index = 0;
  #hasFlipped = false;
  #hasFailed = false;
  #pending: { error: unknown } | undefined;

  constructor(connection: Connection<string>, fault: Fault, fn: Work, settings: Settings) {
    const more = fault === 'holds one more than it may' ? 1 : 0;
    super(connection, { name: 'faulty', bound: settings.concurrency + settings.capacity + more });
    this.#fault = fault;
    this.#fn = fn;
    this.#settings = settings;
    if (fault === 'leaves a timer behind') asyncScheduler.schedule(() => {}, 1000);
  }

  override next(item: number): void {
    const isFull = this.held >= this.bound - 1;
    if (this.#fault === 'gives items up silently' && isFull && !this.below.isOpen) return;
    super.next(item);
    if (this.#fault === 'sends a value inside another' && this.draining) this.step();
    if (this.#fault === 'starts while the gate is closed' && !this.below.isOpen) this.#beginIfFree();
  }

  override complete(): void {
    super.complete();
    if (this.#fault === 'completes early' && !this.ended && this.waiting.length === 0) super.finish();
  }

  override error(error: unknown): void {
    if (this.#fault !== 'keeps an error back while the gate is closed' || this.below.isOpen) super.error(error);
    else this.#pending = { error };
  }

  override finalize(): void {
    const item = this.waiting.peek();
    const { ended } = this;
    super.finalize();
    if (this.#fault === 'starts an item after it was unsubscribed' && !ended && item !== undefined)
      void this.#fn(item, contextOf(this.#newJob()));
  }

  protected override finish(): void {
    if (this.#fault !== 'never completes' || !this.#hasFlipped) super.finish();
  }

  protected override step(): boolean {
    if (this.#pending !== undefined) {
      super.error(this.#pending.error);
      return false;
    }
    const job = this.#firstReady();
    if (job === undefined) return this.#beginIfFree();
    this.#jobs = this.#jobs.filter((other) => other !== job);
    this.inside--;
    if (this.#fault !== 'does not count') this.telemetry.completed++;
    this.deliver(job.value);
    if (this.#fault === 'sends a value twice' && this.#firstReady() !== undefined) this.deliver(job.value);
    return true;
  }

  protected override cancel(reason: unknown): void {
    if (this.#fault === 'does not cancel') return;
    const abort = (): void => {
      for (const { controller, isReady } of this.#jobs) if (!isReady) controller.abort(reason);
    };
    if (this.#fault === 'cancels a moment late') void Promise.resolve().then(abort);
    else abort();
  }

  #firstReady(): Job | undefined {
    const [first] = this.#jobs;
    const inOrder = this.#settings.order === 'input' && !this.#hasFailed;
    return inOrder ? (first?.isReady === true ? first : undefined) : this.#jobs.find(({ isReady }) => isReady);
  }

  #beginIfFree(): boolean {
    const running = this.#jobs.filter(({ isReady }) => !isReady).length;
    const extra = this.#fault === 'runs one too many once the gate has flipped' && this.#hasFlipped ? 1 : 0;
    if (this.waiting.length === 0 || running >= this.#settings.concurrency + extra) return false;
    const item = this.waiting.shift() as number;
    const job = this.#newJob();
    this.#jobs.push(job);
    this.inside++;
    try {
      const output = this.#fn(item, contextOf(job));
      if (output instanceof Promise) output.then((value: string) => this.#done(job, value), this.#failedWith(job));
      else this.#done(job, output as string, true);
    } catch (error) {
      this.#failedWith(job)(error);
    }
    return true;
  }

  #newJob(): Job {
    return { index: this.#index++, controller: new AbortController(), isReady: false, value: '' };
  }

  #done(job: Job, value: string, atOnce = false): void {
    if (this.ended) return;
    if (!this.below.isOpen) this.#hasFlipped = true;
    job.isReady = true;
    job.value = value;
    if (this.#settings.order === 'completion') this.#jobs = [...this.#jobs.filter((other) => other !== job), job];
    if (this.#fault === 'loses the last item if its work ends at once' && atOnce && this.inputEnded) {
      this.#jobs = this.#jobs.filter((other) => other !== job);
      this.telemetry.completed++;
      this.inside--;
    }
    if (this.#fault === 'loses a wake-up' && !this.below.isOpen) return;
    if (this.#fault === 'sends through a closed gate' && !atOnce) this.step();
    this.drain();
  }

  #failedWith(job: Job): (error: unknown) => void {
    return (error) => {
      if (this.ended) return;
      this.#jobs = this.#jobs.filter((other) => other !== job);
      this.inside--;
      this.telemetry.failed++;
      this.#hasFailed = this.#fault === 'gets out of order after a failure';
      const isSwallowed = this.#fault === 'swallows an error' && this.#jobs.length > 0;
      if (this.#settings.onError === 'skip' || isSwallowed) this.drain();
      else this.fail(this.#fault === 'wraps an error' ? new Error('wrapped', { cause: error }) : error);
    };
  }
}

function contextOf({ index, controller: { signal } }: Job): ItemContext {
  return { index, attempt: 1, stage: 'faulty', signal };
}
