/**
 * A service that is asked for twice as much as it can do: how long answers take where everything waits, and where some is refused early.
 *
 *     npm run example overload
 *
 * Requests come at a fixed rate, whatever becomes of them. Prints how many were answered and refused, and how long the answers took,
 * first with a queue that takes everything and then with one that refuses what would come too late; and how many requests at once
 * `adaptive` found the service to manage, which works on eight.
 */
import { adaptive, buffered, run, shed, workerPool } from 'sluice';
import { interval, map, mergeMap, take, tap, type MonoTypeOperatorFunction } from 'rxjs';

const SLOTS = 8;
/** Milliseconds that a request takes. So the service manages 400 a second. */
const WORK = 20;
/** Four requests every five milliseconds: 800 a second. */
const REQUESTS = 1_200;
const EVERY = 5;
const TOGETHER = [1, 2, 3, 4];

/** Works on eight requests at a time, and lets the others wait in line. */
class Service {
  #running = 0;
  readonly #line: (() => void)[] = [];

  async ask(): Promise<void> {
    if (this.#running === SLOTS) await new Promise<void>((free) => this.#line.push(free));
    else this.#running++;
    await new Promise((done) => setTimeout(done, WORK));
    const next = this.#line.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}

let quit = false;

async function serve(name: string, early: MonoTypeOperatorFunction<number>): Promise<void> {
  if (quit) return;
  const service = new Service();
  const limit = adaptive({ algorithm: 'vegas', initial: 4, max: 100 });
  const took: number[] = [];
  const limits: number[] = [];
  const flow = interval(EVERY).pipe(
    mergeMap(() => TOGETHER),
    take(REQUESTS),
    map(() => performance.now()),
    early,
    tap(() => limits.push(limit.current)),
    workerPool(
      async (came) => {
        await service.ask();
        took.push(performance.now() - came);
      },
      { name: 'service', concurrency: limit, capacity: 0 },
    ),
  );
  const { ended, stages } = await run(flow, { name, quitOn: ['SIGINT', 'SIGTERM'] }).done;
  quit = ended === 'quit';
  const refused = stages.reduce((sum, stage) => sum + stage.dropped, 0);
  const p95 = took.toSorted((a, b) => a - b)[Math.floor(took.length * 0.95)] ?? 0;
  console.log(`${name}: ${took.length} answered, ${refused} refused, 95 % of the answers within ${Math.round(p95)} ms`);
  if (quit) return;
  const settled = limits.slice(limits.length / 2).toSorted((a, b) => a - b);
  console.log(`  at most ${settled[settled.length >> 1]} requests at once, as a rule; the service works on ${SLOTS}`);
}

await serve('everything waits', buffered({ capacity: Infinity }));
await serve('refused early', shed({ when: { maxAge: 60 }, drop: 'oldest' }));
