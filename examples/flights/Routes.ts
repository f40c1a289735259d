/** Numbers pairs of airports in the order in which they are first seen, from 0. */
export class Routes {
  /** The airports, by number, that each route leaves from and leads to. */
  readonly from: number[] = [];
  readonly to: number[] = [];
  #width = 256;
  /** The route's number plus 1, at `from * width + to`; 0 is a pair not seen yet. */
  #numbers = new Int32Array(this.#width * this.#width);

  number(from: number, to: number): number {
    if (from >= this.#width || to >= this.#width) this.#widen(Math.max(from, to));
    const at = from * this.#width + to;
    const seen = this.#numbers[at]!;
    if (seen > 0) return seen - 1;
    this.to.push(to);
    return (this.#numbers[at] = this.from.push(from)) - 1;
  }

  #widen(airport: number): void {
    while (this.#width <= airport) this.#width *= 2;
    this.#numbers = new Int32Array(this.#width * this.#width);
    for (const [route, from] of this.from.entries()) this.#numbers[from * this.#width + this.to[route]!] = route + 1;
  }
}
