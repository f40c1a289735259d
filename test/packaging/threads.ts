import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { nodeProgram } from './nodeProgram.ts';
import { PATIENCE, type Project } from './Project.ts';

const FIXTURES = [
  new URL('fixtures/threads/loaded.js', import.meta.url),
  new URL('fixtures/threads/numbers.task.js', import.meta.url),
  new URL('fixtures/threads/numbers.task.ts', import.meta.url),
  new URL('fixtures/threads/program.js', import.meta.url),
  new URL('fixtures/threads/program.ts', import.meta.url),
  new URL('fixtures/threads/startsThread.js', import.meta.url),
  new URL('fixtures/threads/unknownExtension.js', import.meta.url),
];

/** What a project has whose threads run its tasks, in JavaScript and in TypeScript. */
export async function copyThreads(project: Project, folder = '.'): Promise<void> {
  await Promise.all(FIXTURES.map((url) => project.copy(url, join(folder, basename(url.pathname)))));
}

/** What `program.js` prints. */
export const PROGRAM = {
  version: expect.any(String),
  doubled: true,
  stages: [
    ['fromIterable', 0],
    ['double', 1000],
  ],
  many: [1, 2, 1, 2, 3],
  results: [2, [true, 'E_SMALL', '-1 is too small']],
  thread: 0,
  isMainThread: false,
  packagesInThread: expect.not.arrayContaining(['rxjs']),
  sameTask: true,
  listeners: 0,
  endedSoon: true,
};

/** What is tested of threads with the packed package, whose optional peers are not installed. */
export function threads(project: () => Project): void {
  const json = async (program: string, args: readonly string[]): Promise<unknown> =>
    JSON.parse(await project().run(program, args));
  const tsx = createRequire(import.meta.url).resolve('tsx');

  beforeAll(async () => {
    await copyThreads(project());
    // Two folders in which tsx is installed, of which the second is one of CommonJS, as far as Node.js knows.
    for (const [folder, manifest] of [
      ['withTsx', { type: 'module' }],
      ['commonJs', {}],
    ] as const) {
      await mkdir(join(project().folder, folder, 'node_modules'), { recursive: true });
      await symlink(resolve('node_modules/tsx'), join(project().folder, folder, 'node_modules/tsx'), 'junction');
      await project().write(join(folder, 'package.json'), JSON.stringify(manifest));
      await copyThreads(project(), folder);
    }
    await compile(project());
  }, PATIENCE);

  test('the package has what a thread runs, and all that was built, and nothing else', async () => {
    const built = await readdir(join(project().folder, 'node_modules/sluice/dist'), { recursive: true });
    const source = await readdir('src', { recursive: true });
    const page = join('observe', 'inspector', 'page');
    const scripts = source
      .filter((path) => path.endsWith('.ts') && !path.startsWith(page))
      .map((path) => path.slice(0, -'.ts'.length));
    expect(built).toContain(join('parallel', 'worker', 'entry.js'));
    expect(built).toContain(join(page, 'index.html'));
    expect(built.filter((path) => extname(path) !== '' && !path.startsWith(page)).toSorted()).toEqual(
      scripts.flatMap((path) => [`${path}.js`, `${path}.d.ts`]).toSorted(),
    );
  });

  test.each([
    ['sluice/task', ['sluice']],
    ['sluice/parallel', ['rxjs', 'sluice']],
  ])('%s loads only the packages %j', { timeout: PATIENCE }, async (entry, packages) => {
    expect(await json(process.execPath, ['loaded.js', entry])).toEqual(packages);
  });

  test('threads.js is loaded once a thread starts', { timeout: PATIENCE }, async () => {
    expect(await json(process.execPath, ['loaded.js', './startsThread.js'])).toContain('threads');
  });

  describe.each([
    ['20', false],
    ['22', true],
    ['24', true],
  ])('on Node.js %s', (major, knowsTypeScript) => {
    let node: string;

    beforeAll(async () => {
      node = await nodeProgram(project(), major);
    }, PATIENCE);

    test.each([
      [[]],
      [['--disable-proto=throw', '--frozen-intrinsics', '--enable-source-maps', '--conditions=development']],
    ])('a flow in plain JavaScript runs, with %j', { timeout: PATIENCE }, async (flags) => {
      const version = expect.stringMatching(new RegExp(`^${major}[.]`)) as string;
      expect(await json(node, [...flags, 'program.js'])).toEqual({ ...PROGRAM, version });
    });

    test('so does one that is given on the command line as a module', { timeout: PATIENCE }, async () => {
      const program = await readFile(join(project().folder, 'program.js'), 'utf8');
      expect(await json(node, ['--input-type=module', '--eval', program])).toEqual(PROGRAM);
    });

    const title = knowsTypeScript ? 'run without tsx' : 'need tsx, and the error says so';
    test(`tasks in TypeScript ${title}`, { timeout: PATIENCE }, async () => {
      const printed = await json(node, ['unknownExtension.js']);
      if (knowsTypeScript) {
        expect(printed).toEqual([{ n: 1, thread: 0 }]);
        return expectTypeScript(await json(node, ['program.ts']));
      }
      expect(printed).toEqual({
        code: 'ERR_TASK_LOAD',
        message: expect.stringMatching(
          /numbers[.]task[.]ts cannot be loaded .*extension "[.]ts".*npm install --save-dev tsx.*Node[.]js 22[.]18/,
        ),
      });
    });

    test.each(['withTsx', 'commonJs'])(
      'a program in TypeScript runs with tsx, in %s',
      { timeout: PATIENCE },
      async (folder) => {
        const flags = ['--import', pathToFileURL(tsx).href];
        expectTypeScript(await json(node, [...flags, join(folder, 'program.ts')]));
      },
    );

    test(
      'an error of compiled code shows the line in TypeScript, with source maps',
      { timeout: PATIENCE },
      async () => {
        expectTypeScript(await json(node, ['--enable-source-maps', join('compiled', 'program.js')]));
      },
    );
  });
}

function expectTypeScript(printed: unknown): void {
  const wide = [1, 2, 3].map((n) => ({ n, thread: 0 }));
  expect(printed).toEqual({
    wide,
    stack: expect.stringMatching(/^RangeError: 1 is too much\n.*numbers[.]task[.]ts:12:9/s),
  });
}

/** Compiles the program in TypeScript. */
async function compile(project: Project): Promise<void> {
  const options = {
    target: 'ES2022',
    module: 'nodenext',
    strict: true,
    skipLibCheck: false,
    types: ['node'],
    sourceMap: true,
    rewriteRelativeImportExtensions: true,
    rootDir: '.',
    outDir: 'compiled',
  };
  expect(await project.compile(options, 'program.ts')).toBe('');
}
