/** So many tasks failed that `quorum` can no longer have as many values as it needs. */
export class QuorumError extends Error {
  override readonly name = 'QuorumError';
  readonly code = 'ERR_QUORUM';
  /** How many values were needed. */
  readonly needed: number;
  /** How many tasks there were. */
  readonly tasks: number;
  /** What the tasks failed with, in the order in which they did. */
  readonly errors: readonly unknown[];

  constructor(needed: number, tasks: number, errors: readonly unknown[]) {
    super(
      `${errors.length} of ${tasks} tasks failed, so that ${needed} cannot succeed any more. See "errors" for why; ask more, or need fewer`,
      { cause: errors.at(-1) },
    );
    this.needed = needed;
    this.tasks = tasks;
    this.errors = errors;
  }
}
