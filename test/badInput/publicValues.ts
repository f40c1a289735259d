import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

/** A value that an entry of the package exports. */
export interface PublicValue {
  /** The entry and the name: `sluice/csv: encodeCsv`. */
  readonly where: string;
  readonly name: string;
  readonly value: unknown;
}

/** Everything that the entries of the package export and that is there when the program runs. */
export async function publicValues(): Promise<PublicValue[]> {
  const { name, exports } = JSON.parse(await readFile('package.json', 'utf8')) as {
    name: string;
    exports: Record<string, string | { default: string }>;
  };
  const found: PublicValue[] = [];
  for (const [path, target] of Object.entries(exports)) {
    if (typeof target === 'string') continue;
    const file = target.default.replace('./dist/', 'src/').replace(/[.]js$/, '.ts');
    const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, unknown>;
    const values = Object.entries(module).map(([it, value]) => ({
      where: `${name}${path.slice(1)}: ${it}`,
      name: it,
      value,
    }));
    found.push(...values);
  }
  return found;
}
