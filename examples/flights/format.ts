import { hourDate } from './calendar.ts';
import type { DelayStats } from './DelayStats.ts';
import type { Place } from './places.ts';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const day = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short' });
const longDay = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', day: 'numeric', month: 'long', year: 'numeric' });

/** `1,234,567`, with a true minus sign */
export function count(value: number): string {
  return whole.format(value).replace('-', '−');
}

/** `1 flight`, `2,000 flights` */
export function counted(value: number, thing: string): string {
  return `${count(value)} ${thing}${value === 1 ? '' : 's'}`;
}

/** `6.7`, with a true minus sign, and never `-0.0`. */
export function minutes(value: number): string {
  const text = tenth.format(value);
  return text === '-0.0' ? '0.0' : text.replace('-', '−');
}

/** `20.9%` */
export function percent(share: number): string {
  return `${tenth.format(share * 100)}%`;
}

/** `Sat 31 Mar`, the day of an hour of the year. */
export function dayOf(hour: number): string {
  return day.format(hourDate(hour)).replace(',', '');
}

/** `31 March 2001` */
export function longDayOf(hour: number): string {
  return longDay.format(hourDate(hour));
}

/** `07:00`, the clock of an hour of the year. */
export function clock(hour: number): string {
  return `${String(hour % 24).padStart(2, '0')}:00`;
}

/** `Chicago`, or the code where the place is not known. */
export function cityOf(place: Place | undefined, code: string): string {
  return place?.city ?? code;
}

/** The lines about a group of flights that a tooltip shows. */
export function statsLines({ flights, meanDelay, p90Delay, lateShare }: DelayStats): string {
  const figures = `mean ${minutes(meanDelay)} min · p90 ${count(p90Delay)} min`;
  return `${counted(flights, 'flight')}\n${figures}\n${percent(lateShare)} late`;
}
