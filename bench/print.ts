/** Prints rows, of which the first is the head, as a table in Markdown. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  console.log(line(rows[0]!));
  console.log(`| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  for (const row of rows.slice(1)) console.log(line(row));
  console.log();
}

/** A whole number, with commas. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Three digits, and no fraction from a hundred on. */
export function short(value: number): string {
  return value >= 100 ? whole(value) : value.toPrecision(3);
}

/** The middle one, and the lowest and highest in brackets. */
export function spread(values: readonly number[]): string {
  if (values.length === 1) return short(values[0]!);
  return `${short(median(values))} (${short(Math.min(...values))}–${short(Math.max(...values))})`;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

let broken = 0;

/** Prints whether the middle one of what was measured stays within a limit. */
export function claim(text: string, measured: readonly number[], atMost: number): void {
  judge(`${text} ≤ ${atMost}`, measured, median(measured) <= atMost);
}

/** Prints whether the middle one of what was measured reaches a limit. */
export function claimAtLeast(text: string, measured: readonly number[], atLeast: number): void {
  judge(`${text} ≥ ${atLeast}`, measured, median(measured) >= atLeast);
}

function judge(text: string, measured: readonly number[], holds: boolean): void {
  if (!holds) broken++;
  console.log(`- claim: ${text}; measured ${spread(measured)}: ${holds ? 'holds' : 'DOES NOT HOLD'}`);
}

/** How many claims did not hold. */
export function brokenClaims(): number {
  return broken;
}
