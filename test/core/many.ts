/** How many items it takes to see that a stack does not grow. A mutation run takes fewer, and is sooner done. */
export const MANY = Number(process.env['MANY'] ?? 100_000);
