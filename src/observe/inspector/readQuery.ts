/**
 * Reads the query of an address whose every value is a number: `flow=1&stage=2`. `undefined` if it has anything but the given
 * keys, one of them twice, or a value that is not a plain number of at most nine digits.
 */
export function readQuery<K extends string>(query: string, keys: readonly K[]): Partial<Record<K, number>> | undefined {
  const read: Partial<Record<K, number>> = {};
  if (query === '') return read;
  for (const part of query.split('&')) {
    const at = part.indexOf('=');
    const key = keys.find((one) => one === part.slice(0, at));
    const value = part.slice(at + 1);
    if (key === undefined || read[key] !== undefined || !NUMBER.test(value)) return undefined;
    read[key] = Number(value);
  }
  return read;
}

const NUMBER = /^\d{1,9}$/;
