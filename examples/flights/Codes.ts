/** Numbers the airports in the order in which they are first seen, from 0. */
export class Codes {
  readonly #numbers = new Map<string, number>();
  /** The code of each number. */
  readonly list: string[] = [];

  number(code: string): number {
    let number = this.#numbers.get(code);
    if (number === undefined) {
      number = this.list.push(code) - 1;
      this.#numbers.set(code, number);
    }
    return number;
  }
}
