import type { Simulation } from './Simulation.ts';
import type { Move } from './schedule.ts';

/** Does to a simulated flow what its schedule says. */
export class Moves {
  readonly #sim: Simulation;

  constructor(sim: Simulation) {
    this.#sim = sim;
  }

  /** Begins to wait for the frames at which something is to happen. */
  schedule(): void {
    const { clock, schedule } = this.#sim;
    for (const move of schedule.moves) if (move.at === 'time') clock.after(move.n, () => this.#act(move));
  }

  /** Makes the moves of the `n`-th moment of a kind. */
  perform(at: Move['at'], n: number): void {
    for (const move of this.#sim.schedule.moves) if (move.at === at && move.n === n) this.#act(move);
  }

  #act({ act, count }: Move): void {
    const { probe, source, isOver, journal, flow } = this.#sim;
    if (isOver || journal.breach !== undefined) return;
    if (act === 'open') this.#note('the gate opens', () => probe.open());
    else if (act === 'close') this.#note('the gate closes', () => probe.close());
    else if (act === 'allow') this.#note(`the gate opens for ${count + 1}`, () => probe.allow(count + 1));
    else if (act === 'settle') this.#pick(count, 'settle');
    else if (act === 'letter') this.#pick(count, 'take');
    else if (act === 'push') source.push();
    else if (act === 'end') source.end();
    else if (act === 'fail') source.fail();
    else if (act === 'limit') this.#note(`${count} may run`, () => this.#sim.setLimit(count));
    else if (act === 'turn') this.#turn();
    else this.#sim.unsubscribe();
    flow?.check();
  }

  #note(text: string, act: () => void): void {
    this.#sim.journal.note(() => text);
    act();
  }

  /** Ends one of the tasks that can be ended, or takes one of the dead letters. */
  #pick(count: number, what: 'settle' | 'take'): void {
    const state = what === 'settle' ? 'running' : 'letter';
    const able = this.#sim.items.all.filter((item) => item.state === state && item[what] !== undefined);
    const item = able[count % able.length];
    if (item !== undefined)
      this.#note(`${what === 'settle' ? 'task' : 'dead letter'} ${item.index} is to end now`, item[what]!);
  }

  /** The flow has kept the event loop busy: sources wait until it has gone round. */
  #turn(): void {
    const { flow, clock } = this.#sim;
    if (flow === undefined) return;
    flow.turn.close();
    clock.after(1, () => flow.turn.open());
  }
}
