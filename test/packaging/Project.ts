import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** Long enough for a cold cache and a slow network. */
export const PATIENCE = 300_000;

/** A project of a user, made in a temporary folder, in which the packed package is installed from its tarball. */
export class Project {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Packs what was built, and installs it with RxJS and with `packages`, in the versions that this repository has. */
  static async make(...packages: readonly string[]): Promise<Project> {
    const folder = await mkdtemp(join(emptyPlace(), 'sluice-project-'));
    const project = new Project(folder);
    try {
      await exec('npm', ['run', 'build'], OPTIONS);
      const { stdout } = await exec(
        'npm',
        ['pack', '--json', '--ignore-scripts', '--pack-destination', folder],
        OPTIONS,
      );
      const [packed] = JSON.parse(stdout) as [{ filename: string }];
      await project.write('package.json', JSON.stringify({ private: true, type: 'module' }));
      const wanted = await Promise.all(['rxjs', ...packages].map(withVersion));
      await project.#install([`./${packed.filename}`, ...wanted]);
      return project;
    } catch (error) {
      await project.remove();
      throw error;
    }
  }

  /** Writes a file into the project. */
  async write(name: string, text: string): Promise<void> {
    await writeFile(join(this.folder, name), text);
  }

  /** Copies a fixture into the project, as it stands. */
  async copy(fixture: URL, name: string): Promise<void> {
    await this.write(name, await readFile(fixture, 'utf8'));
  }

  /** Runs a program in the project. Gives what it prints. */
  async run(program: string, args: readonly string[]): Promise<string> {
    try {
      return (await exec(program, args, { ...OPTIONS, cwd: this.folder })).stdout;
    } catch (error) {
      const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
    }
  }

  /** Compiles what its `tsconfig.json` names with the compiler of this repository, as a user would. Gives what it says. */
  async compile(compilerOptions: object, ...files: readonly string[]): Promise<string> {
    await this.write('tsconfig.json', JSON.stringify({ compilerOptions, files }));
    return this.run(process.execPath, [resolve('node_modules/@typescript/native/bin/tsc'), '-p', '.']);
  }

  /** Takes the packages out of it that are optional for those that it has. */
  async leaveOutOptional(): Promise<void> {
    await this.run('npm', ['install', '--omit=optional', '--no-package-lock', ...FLAGS]);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  async #install(packages: readonly string[]): Promise<void> {
    await this.run('npm', ['install', '--no-package-lock', ...FLAGS, ...packages]).catch((cause: unknown) => {
      const message = `The packed package cannot be installed with ${packages.join(', ')}: the registry or a warm npm cache is needed`;
      throw new Error(message, { cause });
    });
  }
}

const FLAGS = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
const OPTIONS = { timeout: PATIENCE, maxBuffer: 2 ** 26 };

async function withVersion(name: string): Promise<string> {
  const manifest = JSON.parse(await readFile(`node_modules/${name}/package.json`, 'utf8')) as { version: string };
  return `${name}@${manifest.version}`;
}

/** A folder that inherits no packages: what lies in a `node_modules` anywhere above it would be found from within it. */
function emptyPlace(): string {
  const inherits = (folder: string): boolean =>
    existsSync(join(folder, 'node_modules')) || (dirname(folder) !== folder && inherits(dirname(folder)));
  const place = [tmpdir(), '/var/tmp', homedir()].find((folder) => existsSync(folder) && !inherits(folder));
  if (place === undefined)
    throw new Error(`There is a node_modules in or above ${tmpdir()}, so no project there is empty`);
  return place;
}
