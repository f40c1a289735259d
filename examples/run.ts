/** Runs an example by its name, or lists them all. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { closestMatch } from 'leven';

const [name, ...args] = process.argv.slice(2);
const names = (await readdir(new URL('.', import.meta.url)))
  .filter((file) => /^[^.]+[.]ts$/.test(file) && file !== 'run.ts')
  .map((file) => file.slice(0, -'.ts'.length))
  .toSorted();

if (name === undefined) {
  console.log('npm run example NAME, where NAME is one of\n');
  const width = Math.max(...names.map((it) => it.length));
  for (const it of names) console.log(`  ${it.padEnd(width)}  ${await about(it)}`);
} else if (names.includes(name)) {
  const url = urlOf(name);
  // The example sees what it would see if it were started by itself, and runs in this process: signals and the exit code are its own.
  process.argv.splice(1, process.argv.length, fileURLToPath(url), ...args);
  try {
    await import(url.href);
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')) throw error;
    console.error((error as Error).message);
    process.exitCode = 1;
  }
} else {
  const nearest = closestMatch(name, names, { maxDistance: 4 });
  console.error(`There is no example "${name}".${nearest === undefined ? '' : ` Did you mean "${nearest}"?`}`);
  console.error('npm run example lists them all.');
  process.exitCode = 1;
}

/** The first sentence of the comment at the head of an example. */
async function about(example: string): Promise<string> {
  const head = /^(?:#!.*\n)?\s*(?:\/\*\*?(?<block>[^]*?)\*\/|(?<lines>(?:\/\/.*\n?)+))/.exec(
    await readFile(urlOf(example), 'utf8'),
  );
  const text = (head?.groups?.['block'] ?? head?.groups?.['lines'] ?? '')
    .replace(/^\s*(\*|\/\/)/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return /^.*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text;
}

function urlOf(example: string): URL {
  return new URL(`${example}.ts`, import.meta.url);
}
