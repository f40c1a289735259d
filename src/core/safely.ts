/**
 * Calls what may throw although nothing depends on it, such as a teardown of the user's: what it throws goes to `late`, and what comes
 * next is done.
 */
export function safely(act: () => void, late: (error: unknown) => void): void {
  try {
    act();
  } catch (error) {
    late(error);
  }
}
