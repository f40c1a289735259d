/**
 * A stage of your own: it puts items in order within a window, as a queue of parcels does that are sorted before they are loaded.
 *
 *     npm run example own-stage
 *
 * Prints numbers that come a little out of order, sorted again, and the most that the stage held.
 */
import { formatReport, fromIterable, operate, run, Stage, type Connection } from 'sluice';
import { tap } from 'rxjs';

/** Holds `size` numbers and lets the smallest of them go each time another comes. */
class Sorter extends Stage<number, number> {
  readonly #size: number;
  readonly #sorted: number[] = [];

  constructor(connection: Connection<number>, size: number) {
    super(connection, { name: 'sorted', bound: size + 1 });
    this.#size = size;
  }

  protected override step(): boolean {
    if (this.waiting.length > 0) {
      const item = this.waiting.shift() as number;
      const place = this.#sorted.findIndex((other) => other > item);
      this.#sorted.splice(place < 0 ? this.#sorted.length : place, 0, item);
      this.inside++;
      return true;
    }
    // Once the input has ended everything has to leave.
    if (this.inside <= (this.inputEnded ? 0 : this.#size)) return false;
    this.inside--;
    this.telemetry.completed++;
    this.deliver(this.#sorted.shift()!);
    return true;
  }
}

const sorted = (size: number) => operate<number, number>((connection) => new Sorter(connection, size));

const numbers: number[] = [];
const flow = fromIterable([3, 1, 2, 6, 5, 4, 8, 7, 9]).pipe(
  sorted(3),
  tap((n) => numbers.push(n)),
);
const report = await run(flow, { name: 'own-stage', quitOn: ['SIGINT', 'SIGTERM'] }).done;
console.log(numbers.join(' '));
console.log(formatReport(report));
