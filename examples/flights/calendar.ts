/** Minutes from 1970 to the start of 2001. */
const YEAR_START = Date.UTC(2001, 0, 1) / 60_000;

/** How many hours 2001 has. Hours are numbered from 0, which is midnight of 1 January. */
export const HOURS_OF_YEAR = 365 * 24;

/** The hour of 2001 of a time in minutes since 1970; negative, or `HOURS_OF_YEAR` and more, in other years. */
export function hourOf(minutes: number): number {
  return Math.floor((minutes - YEAR_START) / 60);
}

/** The start of an hour of 2001, as a `Date` whose UTC fields are the local clock. */
export function hourDate(hour: number): Date {
  return new Date((YEAR_START + hour * 60) * 60_000);
}

/** `2001-01-31T17:00`, without a zone because each airport has its own clock. */
export function hourLabel(hour: number): string {
  return hourDate(hour).toISOString().slice(0, 16);
}
