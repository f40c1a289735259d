import { setTimeout as sleep } from 'node:timers/promises';
import { hooks } from 'sluice';
import { Fixtures } from './Fixtures.ts';
import { Flow } from './Flow.ts';
import { leak, loses, type Plant } from './Plant.ts';
import { Random } from './Random.ts';
import { SHORTEST } from './readSettings.ts';
import { grown, measure, type Resources } from './Resources.ts';
import { floor, slope, type Point } from './slope.ts';
import { isPlanned } from './Workshop.ts';

/** What a soak is told. */
export interface SoakSettings {
  readonly minutes: number;
  readonly seed: number;
  /** Whether to judge the growth of the heap. */
  readonly judges: boolean;
  readonly plants: ReadonlySet<Plant>;
  /** The number of the one flow to run, again and again. Default: another each time. */
  readonly flow: number | undefined;
  readonly print: (line: string) => void;
}

/** Runs random flows one round after the other, and looks after each round at what is left. */
export class Soak {
  /** What is wrong, the first of each kind. */
  readonly faults: string[] = [];
  readonly #settings: SoakSettings;
  readonly #random: Random;
  readonly #samples: (Resources & { readonly minute: number })[] = [];
  readonly #ends: Record<string, number> = {};
  readonly #items = { made: 0, arrived: 0, dropped: 0, failed: 0 };
  readonly #began = performance.now();
  #flows = 0;
  #warnings = 0;
  #lateErrors = 0;
  #moreFaults = 0;

  constructor(settings: SoakSettings) {
    this.#settings = settings;
    this.#random = new Random(settings.seed);
  }

  /** Runs for as long as it was told to, and prints a summary. Says whether all was well. */
  async run(): Promise<boolean> {
    const { minutes, print } = this.#settings;
    const fixtures = await Fixtures.make();
    const stopWatching = this.#watch();
    let nextLine = PROGRESS;
    try {
      // A busy machine gets through few rounds in a short time, and too few say nothing.
      for (let rounds = 0; rounds < LEAST_ROUNDS || this.#minute < minutes; rounds++) {
        await this.#round(fixtures);
        await this.#sample(fixtures);
        if (this.#minute < nextLine) continue;
        print(this.#progress());
        while (this.#minute >= nextLine) nextLine += PROGRESS;
      }
      await this.#settle(fixtures);
    } finally {
      stopWatching();
      await fixtures.remove();
    }
    this.#judge();
    return this.faults.length === 0;
  }

  get #minute(): number {
    return (performance.now() - this.#began) / 60_000;
  }

  /** Runs flows side by side for a while, and lets all of them end. */
  async #round(fixtures: Fixtures): Promise<void> {
    const { minutes } = this.#settings;
    const until = this.#minute + Math.min(ROUND, minutes / LEAST_ROUNDS);
    const lane = async (): Promise<void> => {
      do await this.#flow(fixtures);
      while (this.#minute < until);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    leak(this.#settings.plants);
  }

  async #flow(fixtures: Fixtures): Promise<void> {
    const count = this.#flows++;
    const index = this.#settings.flow ?? count;
    const flow = new Flow(index, this.#random.fork(index), fixtures, loses(this.#settings.plants, index));
    try {
      await flow.run();
    } catch (error) {
      flow.tally.fault(String(error));
    }
    const { counts, faults } = flow.tally;
    for (const what of ['made', 'arrived', 'dropped', 'failed'] as const) this.#items[what] += counts[what];
    this.#ends[flow.ended ?? 'hung'] = (this.#ends[flow.ended ?? 'hung'] ?? 0) + 1;
    for (const fault of faults) this.#fault(`${flow.name}: ${fault}`);
  }

  /** What has grown may be on its way out: it has two seconds, as in any search for leaks. */
  async #settle(fixtures: Fixtures): Promise<void> {
    for (let i = 0; i < 20 && grown(this.#settled).length > 0; i++) {
      await sleep(100);
      // In place of the last one: more of them would make what has leaked look as if it had always been there.
      this.#samples.pop();
      await this.#sample(fixtures);
    }
  }

  /** The samples after the warm-up. */
  get #settled(): readonly (Resources & { readonly minute: number })[] {
    return this.#samples.filter(({ minute }) => minute >= this.#warmUp);
  }

  get #warmUp(): number {
    return Math.min(this.#settings.minutes * WARM_UP, MOST_WARM_UP);
  }

  async #sample(fixtures: Fixtures): Promise<void> {
    const { minutes, judges } = this.#settings;
    const resources = await measure(minutes < SHORTEST ? 0 : PATIENCE, judges ? THOROUGHLY : BRIEFLY);
    this.#samples.push({ ...resources, minute: this.#minute });
    const leftovers = await fixtures.leftovers();
    if (leftovers.length > 0) this.#fault(`flows have left files behind: ${leftovers.slice(0, 3).join(', ')}`);
  }

  /** Whatever nobody else looks at comes here. */
  #watch(): () => void {
    const outer = { ...hooks };
    const rejected = (error: unknown): void => this.#fault(`a rejection that nobody handles: ${String(error)}`);
    const thrown = (error: unknown): void => this.#fault(`an error that nobody catches: ${String(error)}`);
    const warned = (warning: Error): void => this.#fault(`a warning of the process: ${String(warning)}`);
    hooks.warn = () => void this.#warnings++;
    hooks.lateError = (error, stage) => {
      this.#lateErrors++;
      if (!isPlanned(error)) this.#fault(`"${stage}" has a late error: ${String(error)}`);
    };
    process.on('unhandledRejection', rejected).on('uncaughtException', thrown).on('warning', warned);
    return () => {
      process.off('unhandledRejection', rejected).off('uncaughtException', thrown).off('warning', warned);
      Object.assign(hooks, outer);
    };
  }

  #judge(): void {
    const { minutes, print, judges } = this.#settings;
    const settled = this.#settled;
    const stretch = Math.min(STRETCH, (minutes - this.#warmUp) / LEAST_STRETCHES);
    const growth = slope(
      floor(
        settled.map(({ minute, heap }): Point => ({ x: minute, y: heap / 1024 })),
        stretch,
      ),
    );
    if (judges && !(growth <= MOST_GROWTH))
      this.#fault(`the heap grows by ${growth.toFixed(0)} KB a minute, where ${MOST_GROWTH} may be`);
    for (const what of grown(settled)) this.#fault(what);
    const { made, arrived, dropped, failed } = this.#items;
    const ends = Object.entries(this.#ends).map(([end, count]) => `${count} ${end}`);
    const last = this.#samples.at(-1);
    print(`flows      ${this.#flows}: ${ends.join(', ')}`);
    print(`items      ${made} made: ${arrived} arrived, ${dropped} dropped by policy, ${failed} failed as planned`);
    print(`late       ${this.#lateErrors} errors, ${this.#warnings} warnings of overrun gates`);
    print(
      `left       ${last?.handles} handles${last?.kinds && ` (${last.kinds})`}, ${last?.files} files, ${last?.listeners} listeners`,
    );
    print(
      judges
        ? `heap       ${growth.toFixed(1)} KB a minute after warm-up (${settled.length} samples); ${MOST_GROWTH} may be`
        : `heap       not judged: a run of less than ${SHORTEST} minutes says nothing about its growth`,
    );
    for (const fault of this.faults) print(`FAULT      ${fault}`);
    if (this.#moreFaults > 0) print(`           and ${this.#moreFaults} more`);
    print(this.faults.length === 0 ? 'PASSED' : 'FAILED');
  }

  #progress(): string {
    const { heap, handles, files } = this.#samples.at(-1)!;
    const minute = this.#minute.toFixed(2).padStart(6);
    const heapSize = `${(heap / 1024).toFixed(0)} KB heap`;
    return `${minute} min  ${this.#flows} flows, ${this.#items.made} items, ${heapSize}, ${handles} handles, ${files} files, ${this.faults.length} faults`;
  }

  #fault(text: string): void {
    if (this.faults.length < MOST_FAULTS && !this.faults.includes(text)) this.faults.push(text);
    else this.#moreFaults++;
  }
}

/** Flows that run at once. */
const LANES = 4;
/** Minutes. */
const ROUND = 1 / 60;
const LEAST_ROUNDS = 15;
const PROGRESS = 10 / 60;
/** The share of the run, and at most how many minutes, that go by before anything is judged. */
const WARM_UP = 0.4;
const MOST_WARM_UP = 5;
/** Minutes of which the lowest heap counts, and how many of these there are at least. */
const STRETCH = 1;
const LEAST_STRETCHES = 3;
/** Milliseconds. */
const PATIENCE = 1_500;
/** Collections for a sample. */
const THOROUGHLY = 5;
const BRIEFLY = 2;
/** KB a minute. */
const MOST_GROWTH = 50;
const MOST_FAULTS = 20;
