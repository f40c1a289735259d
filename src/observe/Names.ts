/** Gives each thing a name of its own: one that comes again is numbered. */
export class Names {
  /** How often each name has come. */
  readonly #seen = new Map<string, number>();
  readonly #given = new Set<string>();

  next(name: string): string {
    let count = this.#seen.get(name) ?? 0;
    let own: string;
    // Something else may be called that already.
    do own = ++count === 1 ? name : `${name} ${count}`;
    while (this.#given.has(own));
    this.#seen.set(name, count);
    this.#given.add(own);
    return own;
  }
}
