/** A whole number with its thousands apart: 1,234,567. */
export function whole(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A count in at most five characters or so: 999, 12.3k, 4.56M. */
export function short(value: number): string {
  if (value < 0) return `−${short(-value)}`;
  if (value < 9999.5)
    return value >= 10 || Number.isInteger(value) ? whole(value) : trim(value.toFixed(value < 1 ? 2 : 1));
  const power = value < 999_500 ? 1 : value < 999_500_000 ? 2 : 3;
  return `${(value / 1000 ** power).toPrecision(3)}${' kMG'[power]}`;
}

/** Values a second. */
export function rate(value: number): string {
  return `${short(value >= 100 ? Math.round(value) : value)}/s`;
}

/** A share as whole percent, and below one that is not nothing as such. */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return '<1%';
  return `${Math.round(share * 100)}%`;
}

/** How long something took, from microseconds to seconds. */
export function duration(ms: number | undefined): string {
  if (ms === undefined) return '–';
  if (ms >= 9995) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 999.5) return `${(ms / 1000).toFixed(2)} s`;
  if (ms >= 0.9995) return `${trim(ms.toPrecision(3))} ms`;
  const us = ms * 1000;
  return us === 0 ? '0 ms' : `${us >= 9.95 ? Math.round(us) : trim(us.toPrecision(2))} µs`;
}

/** How long something has lasted, for people: 8 s, 3 min 05 s, 2 h 07 min. */
export function lasted(ms: number): string {
  const seconds = Math.max(Math.floor(ms / 1000), 0);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** A moment as 14:03:59, in the zone of whoever looks. */
export function clock(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
}

export function bytes(value: number): string {
  if (value < 1024) return `${Math.round(value)} B`;
  const power = value < 1023.5 * 1024 ? 1 : value < 1023.5 * 1024 ** 2 ? 2 : 3;
  const amount = value / 1024 ** power;
  return `${amount >= 100 ? Math.round(amount) : trim(amount.toPrecision(3))} ${['KiB', 'MiB', 'GiB'][power - 1]}`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Without the noughts at the end that say nothing. */
const trim = (value: string): string =>
  value.includes('.') && !value.includes('e') ? value.replace(/\.?0+$/, '') : value;
