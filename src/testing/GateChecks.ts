import { AssertionError } from 'node:assert';
import type { TestScheduler } from 'rxjs/testing';
import { wrongType, wrongValue } from '../core/errors.ts';
import { drawRows, type Cell, type Row } from './diagram/drawRows.ts';
import { sheet } from './diagram/sheet.ts';
import { readDemand, type DrawnDemand } from './readDemand.ts';

/** Something whose gate can be looked at: a `ProbeSource`, a `Probe`, or an object of your own. */
export interface HasGate {
  /** The gate, if there is one yet. */
  readonly gate?: { readonly isOpen: boolean } | undefined;
  /** Whether it is subscribed, if it knows. Default: whether it has a gate. */
  readonly isSubscribed?: boolean | undefined;
}

/** What a test says about a gate. */
export interface GateExpectation {
  /**
   * Expects the gate to be what the diagram shows at the end of each of its frames: `o` open, `x` closed, `-` as at the frame
   * before. A diagram that does not begin with `x` begins open. A time (`9ms`) is so many `-`; `|` ends the diagram.
   *
   * @throws TypeError if `demand` is no such diagram. Error if virtual time has begun: what is past cannot be looked at.
   */
  toBe(demand: string): void;
}

interface Check {
  readonly expected: DrawnDemand;
  readonly seen: Cell[];
}

/** Looks at gates at the end of each frame, and compares what it saw with what tests expected. One a `TestScheduler`. */
export class GateChecks {
  readonly #scheduler: TestScheduler;
  readonly #checks: Check[] = [];
  #silent = 0;

  constructor(scheduler: TestScheduler) {
    this.#scheduler = scheduler;
  }

  expectGate(source: HasGate): GateExpectation {
    if (typeof source !== 'object' || source === null || !('gate' in source)) {
      throw wrongType('expectGate', 'source', 'a ProbeSource, or an object with a gate', source);
    }
    this.#silent++;
    let isSilent = true;
    return {
      toBe: (demand) => {
        if (isSilent) this.#silent--;
        isSilent = false;
        const expected = readDemand('expectGate', demand);
        if (expected.length === 0) throw wrongValue('expectGate', 'demand', 'a diagram of one frame or more', demand);
        if (this.#scheduler.frame > 0) throw new Error('expectGate().toBe() must be called before virtual time begins');
        const check: Check = { expected, seen: [] };
        this.#checks.push(check);
        this.#look(source, check, 0);
      },
    };
  }

  /** Throws for the first expectation that has not come true. */
  check(): void {
    if (this.#silent > 0) throw new Error('expectGate() was called without toBe(): it expects nothing');
    for (const { expected, seen } of this.#checks.splice(0)) compare(expected, seen);
  }

  /** Notes what the gate is at the end of `frame`, if it has changed, and goes on with the next frame. */
  #look(source: HasGate, check: Check, frame: number): void {
    if (frame >= check.expected.length) return;
    const action = (): void => {
      // To everything else it is still this frame, also to what is scheduled from here on.
      this.#scheduler.frame = frame;
      const text = source.isSubscribed !== false && source.gate?.isOpen === true ? 'o' : 'x';
      if (check.seen.at(-1)?.text !== text) check.seen.push({ frame, text });
      this.#look(source, check, frame + 1);
    };
    this.#scheduler.schedule(action, frame + END_OF_FRAME - this.#scheduler.frame);
  }
}

/** After everything that happens at a frame, also what is scheduled in that frame, and before the next one. */
const END_OF_FRAME = 1 - 2 ** -20;

function compare({ changes, length }: DrawnDemand, seen: readonly Cell[]): void {
  const wanted: Cell[] = [];
  // Of a group the last sign counts, since what is compared is the end of the frame.
  for (const [i, { frame, isOpen }] of changes.entries()) {
    if (changes[i + 1]?.frame === frame) continue;
    if (wanted.length === 0 && frame > 0) wanted.push({ frame: 0, text: 'o' });
    const text = isOpen ? 'o' : 'x';
    if (wanted.at(-1)?.text !== text) wanted.push({ frame, text });
  }
  if (wanted.length === 0 && length > 0) wanted.push({ frame: 0, text: 'o' });
  const at = wanted.findIndex((cell, i) => cell.frame !== seen[i]?.frame || cell.text !== seen[i]?.text);
  if (at === -1 && wanted.length === seen.length) return;
  const first = at === -1 ? wanted.length : at;
  const frame = Math.min(wanted[first]?.frame ?? Infinity, seen[first]?.frame ?? Infinity);
  const rows = [wanted, seen].map((cells): Row => ({ cells, isOver: false }));
  const drawing = drawRows(rows, { unit: 1, from: 0, to: length - 1 });
  const drawn = sheet(['expected', 'actual'], drawing, drawing.columnOf(frame));
  const [expected, actual] = drawing.lines;
  throw new AssertionError({
    message: [`The gate differs at frame ${frame}`, '', ...drawn, '', 'o = open', 'x = closed, or not subscribed'].join(
      '\n',
    ),
    actual,
    expected,
    operator: 'expectGate',
  });
}
