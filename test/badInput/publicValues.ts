import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

/** A value that an entry of the package exports. */
export interface PublicValue {
  /** The entry and the name: `sluice/csv: encodeCsv`. */
  readonly where: string;
  readonly name: string;
  readonly value: unknown;
}

/** Everything that the entries of the package export, in Node.js and in a browser, and that is there when the program runs. */
export async function publicValues(): Promise<PublicValue[]> {
  const { name, exports } = JSON.parse(await readFile('package.json', 'utf8')) as {
    name: string;
    exports: Record<string, string | { default: string; browser?: string }>;
  };
  const found: PublicValue[] = [];
  for (const [path, target] of Object.entries(exports)) {
    if (typeof target === 'string') continue;
    found.push(...(await valuesOf(name + path.slice(1), target.default)));
    if (target.browser !== undefined) {
      found.push(...(await valuesOf(`${name}${path.slice(1)} (browser)`, target.browser)));
    }
  }
  return found;
}

async function valuesOf(entry: string, target: string): Promise<PublicValue[]> {
  const file = target.replace('./dist/', 'src/').replace(/[.]js$/, '.ts');
  const module = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Record<string, unknown>;
  return Object.entries(module).map(([it, value]) => ({ where: `${entry}: ${it}`, name: it, value }));
}
