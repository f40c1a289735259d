/** Gives the same values in an order drawn by lot, each as likely as any other (Fisher and Yates). */
export function shuffled<T>(values: readonly T[], random: () => number = Math.random): T[] {
  const drawn = [...values];
  for (let i = drawn.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [drawn[i], drawn[j]] = [drawn[j]!, drawn[i]!];
  }
  return drawn;
}
