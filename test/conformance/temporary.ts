import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for files of these tests, removed when the process ends. */
export const folder = mkdtempSync(join(tmpdir(), 'sluice-conformance-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

let files = 0;

/** The path of a file that is not there yet. */
export const newPath = (end = ''): string => join(folder, `${files++}${end}`);
