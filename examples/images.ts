/**
 * Downloads pictures, ten at once, makes them small on threads, five at once, and uploads them one at a time.
 *
 *     npm run example images -- [--count 120] [--out out/images]
 *
 * A web server on this machine has the flags and takes the small ones. No stage runs ahead of the next: the slowest holds
 * back all before it, and the report shows which. Prints how many there were at once in each stage, what could not be made, and the files: the
 * small flags, and a sheet with all of them.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { formatReport, fromIterable, run, workerPool, type DeadLetter } from 'sluice';
import { parallel } from 'sluice/parallel';
import { tap } from 'rxjs';
import { resize, type Picture } from './images.task.ts';
import { contactSheet } from './images/contactSheet.ts';
import { FlagServer } from './images/FlagServer.ts';

const { count, out } = parseArgs({
  options: { count: { type: 'string', default: '120' }, out: { type: 'string', default: 'out/images' } },
}).values;
if (!/^[1-9]\d{0,2}$/.test(count)) {
  console.error('--count must be a number of pictures from 1 to 999');
  process.exit(1);
}

const folder = join(out, 'small');
await mkdir(folder, { recursive: true });
const server = new FlagServer(folder);
const address = await server.listen();

async function download(name: string, { signal }: { signal: AbortSignal }): Promise<Picture> {
  const response = await fetch(`${address}/flags/${name}.png`, { signal });
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  return { name, file: new Uint8Array(await response.arrayBuffer()) };
}

async function upload({ name, file }: Picture, { signal }: { signal: AbortSignal }): Promise<string> {
  const response = await fetch(`${address}/small/${name}.png`, { method: 'PUT', body: file, signal });
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  return name;
}

const uploaded: string[] = [];
const lost: string[] = [];
/** What cannot be made is left out, and the others go on. */
const onError = {
  deadLetter: ({ item, error, stage }: DeadLetter<Picture | string>) => {
    const name = typeof item === 'string' ? item : item.name;
    lost.push(`${name}: ${stage}: ${(error as Error).message}`);
  },
};

const names = await server.names(Number(count));
const flow = fromIterable(names).pipe(
  workerPool(download, { concurrency: 10, capacity: 0, onError }),
  parallel(resize, { threads: 5, concurrency: 5, capacity: 0, onError, transfer: 'auto' }),
  workerPool(upload, { concurrency: 1, capacity: 0 }),
  tap((name) => uploaded.push(name)),
);
const report = await run(flow, { name: 'images', quitOn: ['SIGINT', 'SIGTERM'] }).done;
await server.close();

const peaks = report.stages.filter(({ kind }) => kind === 'stage').map(({ name, peak }) => `${name} ${peak}`);
console.log(`${report.results} of ${names.length} pictures; at most at once: ${peaks.join(', ')}`);
for (const line of lost) console.log(`left out: ${line}`);

if (report.ended === 'completed') {
  const sheet = join(out, 'contact-sheet.png');
  const files = uploaded.toSorted().map((name) => join(folder, `${name}.png`));
  await contactSheet(files, 16, sheet);
  console.log(`${sheet}: ${files.length} pictures\n`);
} else console.log('stopped: no sheet was made\n');
console.log(formatReport(report));
