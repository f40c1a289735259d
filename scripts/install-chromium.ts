// Finds the Chromium that the browser test drives, and installs it where that is possible:
//   node --import tsx scripts/install-chromium.ts
// Prints where it is. CHROMIUM_PATH names another one than the usual ones.
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Gives the path of a Chromium; installs it from the system's packages if there is none and the process may. */
export async function installChromium(): Promise<string> {
  const found = await find();
  if (found !== undefined) return found;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new Error(`No Chromium found. ${WHAT_TO_DO}`);
  console.warn('No Chromium found: it is installed now, with apt-get. This takes a minute.');
  try {
    await exec('apt-get', ['update'], OPTIONS);
    await exec('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], OPTIONS);
  } catch (cause) {
    throw new Error(`Chromium could not be installed with apt-get. ${WHAT_TO_DO}`, { cause });
  }
  const installed = await find();
  if (installed === undefined) throw new Error(`apt-get installed no Chromium at a known place. ${WHAT_TO_DO}`);
  return installed;
}

const OPTIONS = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, maxBuffer: 2 ** 26 };
const WHAT_TO_DO =
  'Install Chromium or Chrome (Debian, Ubuntu: `apt-get install -y chromium` as root), or set CHROMIUM_PATH to the program.';

async function find(): Promise<string | undefined> {
  const given = process.env['CHROMIUM_PATH'];
  const paths = given === undefined ? USUAL : [given];
  for (const path of paths) {
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  if (given !== undefined) throw new Error(`CHROMIUM_PATH is "${given}", which is no program. ${WHAT_TO_DO}`);
  return undefined;
}

const USUAL = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/snap/bin/chromium',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await installChromium());
