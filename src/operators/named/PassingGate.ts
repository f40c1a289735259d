import { Gate, type Waiter } from '../../core/gate.ts';

/** The gate below, under another identity: what finds it above is known to have come this way. Whoever waits here waits there. */
export class PassingGate extends Gate {
  readonly #below: Gate;

  constructor(below: Gate) {
    super(below.flow, below.isInner);
    this.#below = below;
    // What a gate counts is a plain field of it, for speed.
    Object.defineProperties(this, {
      attached: {
        get: () => below.attached,
        set: (attached: number) => {
          below.attached = attached;
        },
      },
      hadAttached: { get: () => below.hadAttached },
    });
  }

  override get isOpen(): boolean {
    return this.#below.isOpen;
  }

  override get waiting(): number {
    return this.#below.waiting;
  }

  override get isOverrun(): boolean {
    return this.#below.isOverrun;
  }

  override attach(): void {
    this.#below.attach();
  }

  override wait(waiter: Waiter): void {
    this.#below.wait(waiter);
  }
}
