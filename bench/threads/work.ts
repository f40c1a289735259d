/**
 * The jobs that every contender does, the same ones on the main thread and in the workers. Each item carries how many rounds
 * are to be spun for it, and each result says so again, so that a sum tells whether all results are right.
 */

/** About a kilobyte of fields, as a line of a file or of a table becomes. */
export interface Row {
  readonly rounds: number;
  readonly name: string;
  readonly address: { readonly street: string; readonly town: string; readonly country: string };
  readonly tags: readonly string[];
  readonly scores: readonly number[];
  readonly note: string;
}

/** Adds one to a number, once as many rounds are spun (none if it is negative). */
export function ofNumber(rounds: number): number {
  return rounds + spin(rounds);
}

/** Does so with the number in an object of a kilobyte, and gives such an object. */
export function ofObject(row: Row): Row {
  return { ...row, rounds: row.rounds + spin(row.rounds) };
}

/** Does so with the number at the beginning of a buffer, of which it reads every page. */
export function ofBuffer(buffer: ArrayBuffer | SharedArrayBuffer): number {
  const bytes = new Uint8Array(buffer);
  let others = 0;
  for (let at = 4096; at < bytes.length; at += 4096) others += bytes[at]!;
  const rounds = new Int32Array(buffer, 0, 1)[0]!;
  return rounds + spin(rounds) + others;
}

/**
 * Keeps the processor at work: counted, not timed, so that a thread which has to wait for a core does no less of it. Gives 1
 * after an even number of rounds, and 0 after an odd one: what is given back cannot be left out.
 */
export function spin(rounds: number): number {
  let value = 1;
  for (let round = 0; round < rounds; round++) value = (Math.imul(value, 1664525) + 1013904223) | 0;
  return value & 1;
}
