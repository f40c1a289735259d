import type { Flow } from '../../core/flow.ts';
import type { FiguresGauge, FiguresReading } from '../../core/gauge.ts';

/** Shows one call of `rateLimit` to the flows that it is in: the limiter that was made last for it. */
export class RateGauge implements FiguresGauge {
  readonly kind = 'rate limit';
  readonly name: string;
  #limiter: { read(): FiguresReading } | undefined;

  constructor(name: string) {
    this.name = name;
  }

  meet(limiter: { read(): FiguresReading }, flow: Flow | undefined): void {
    this.#limiter = limiter;
    flow?.meet?.(this);
  }

  read(): FiguresReading {
    return this.#limiter!.read();
  }
}
