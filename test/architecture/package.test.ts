import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';

const run = promisify(execFile);

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

const lock = JSON.parse(await readFile('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
const installed = Object.entries(lock.packages).filter(([path]) => path !== '');

describe('X23 supply chain', () => {
  test('every locked package has a sha512 integrity', () => {
    expect(installed.filter(([, it]) => !it.integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([]);
  });

  test('no locked package comes from git, a tarball, a folder or a named host', () => {
    // .npmrc leaves out where a package of the registry was fetched from, so whatever says so came from elsewhere.
    expect(installed.filter(([, it]) => it.resolved !== undefined || it.link).map(([path]) => path)).toEqual([]);
  });

  test('the lockfile is whole: it has every package that another asks for, those of other platforms too', () => {
    const asked = Object.entries(lock.packages).flatMap(([path, it]) =>
      Object.keys({ ...it.dependencies, ...it.optionalDependencies }).map((name) => ({ path, name })),
    );
    expect(asked.filter(({ path, name }) => locate(path, name) === undefined)).toEqual([]);
  });

  test('nothing that users install with this package runs a script on installation', () => {
    const tree = productionTree();
    expect(tree.length).toBeGreaterThan(0);
    expect(tree.filter((path) => lock.packages[path]?.hasInstallScript)).toEqual([]);
  });
});

describe('X24 package contents', () => {
  test('are what was built, the README, the licence and the manifest', { timeout: 60_000 }, async () => {
    const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts']);
    const [packed] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    const paths = packed.files.map(({ path }) => path);
    expect(
      paths.filter(
        (path) =>
          !/^(dist\/.+[.](js|d[.]ts)|dist\/observe\/inspector\/page\/(index[.]html|licences[.]md|assets\/[\w-]+[.](js|css|svg))|README[.]md|LICENSE|package[.]json)$/.test(
            path,
          ),
      ),
    ).toEqual([]);
    expect(paths.filter((path) => /[.](test|spec|map)\b/.test(path))).toEqual([]);
    expect(paths, 'npm run build comes first').toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'dist/index.d.ts',
        'dist/index.js',
        'dist/observe/inspector/page/index.html',
        'package.json',
      ]),
    );
  });
});

/** Where the package that `from` means by `name` lies, found as Node finds it. */
function locate(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const path = `${folder && `${folder}/`}node_modules/${name}`;
    if (lock.packages[path]) return path;
    if (folder === '') return undefined;
  }
}

/** Where the packages lie that come with this one, its peers included. */
function productionTree(): string[] {
  const found = new Set<string>(['']);
  // A set gives what is added to it while it is being read, too.
  for (const from of found) {
    const it = lock.packages[from];
    for (const name of Object.keys({ ...it?.dependencies, ...it?.optionalDependencies, ...it?.peerDependencies })) {
      // What a package only works together with is not installed along with it.
      if (from !== '' && it?.peerDependenciesMeta?.[name]?.optional) continue;
      const path = locate(from, name);
      if (path !== undefined) found.add(path);
    }
  }
  return [...found].filter((path) => path !== '');
}
