/**
 * Says which of `seats` a key belongs to: the one for which the two together have the highest hash, so that another number of
 * seats moves no more keys than it must (rendezvous hashing, Thaler and Ravishankar 1998). Seats that are not `free` have none.
 */
export function homeOf(key: KeyName, seats: number, free?: (seat: number) => boolean): number {
  if (seats === 1) return 0;
  const hash = hashOf(key);
  let home = 0;
  let highest = -1;
  for (let seat = 0; seat < seats; seat++) {
    const weight = mix(hash ^ Math.imul(seat + 1, 0x9e3779b1));
    if (weight > highest && (free === undefined || free(seat))) {
      highest = weight;
      home = seat;
    }
  }
  return home;
}

/** What a key is known by on every thread. */
export type KeyName = string | number | bigint | boolean | null | undefined;

/** A key as every thread knows it: an object or a function, which is a key by its identity as in a `Map`, by a name of its own. */
export function nameOfKey(key: unknown): KeyName {
  if (typeof key === 'symbol') return `symbol ${String(key)}`;
  if ((typeof key !== 'object' || key === null) && typeof key !== 'function') return key as KeyName;
  let id = ids.get(key);
  if (id === undefined) ids.set(key, (id = nextId++));
  return `${typeof key} ${id}`;
}

const ids = new WeakMap<object, number>();
let nextId = 1;

/** FNV-1a of the key as text. */
function hashOf(key: KeyName): number {
  const text = `${typeof key} ${String(Object.is(key, -0) ? 0 : key)}`;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** The finalizer of MurmurHash3: every bit of the hash counts in every bit of the result. */
function mix(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
