/** What can stand in a {@link Line}, in one at a time, and leave it from wherever it stands. */
export abstract class Place {
  /** @internal */
  line: Line<Place> | undefined;
  /** @internal */
  next: Place | undefined;
  /** @internal */
  previous: Place | undefined;

  /** Leaves the line. Harmless when it stands in none. */
  leave(): void {
    this.line?.remove(this);
  }
}

/** A first-in first-out queue that can be left from the middle; every operation takes constant time. */
export class Line<P extends Place> {
  /** The one that came first. */
  first: P | undefined;
  /** How many stand in it. */
  length = 0;
  #last: P | undefined;

  /** Puts `place`, which must stand in no line, behind all others. */
  push(place: P): void {
    place.line = this;
    place.previous = this.#last;
    if (this.#last === undefined) this.first = place;
    else this.#last.next = place;
    this.#last = place;
    this.length++;
  }

  /** Takes the first one out. */
  shift(): P | undefined {
    const { first } = this;
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** @internal Takes one out that stands in this line. */
  remove(place: P): void {
    if (place.previous === undefined) this.first = place.next as P | undefined;
    else place.previous.next = place.next;
    if (place.next === undefined) this.#last = place.previous as P | undefined;
    else place.next.previous = place.previous;
    place.line = place.next = place.previous = undefined;
    this.length--;
  }
}
