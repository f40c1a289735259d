import { Stage } from '../../core/stage.ts';

/** One subscriber of a broadcast: a stage that holds an item or some for it alone. */
export class Seat<T> extends Stage<T, T> {
  protected override step(): boolean {
    if (this.waiting.length === 0) return false;
    this.telemetry.completed++;
    this.deliver(this.waiting.shift() as T);
    return true;
  }
}
