import { execFile } from 'node:child_process';
import { cp, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './processes.ts';

const exec = promisify(execFile);

/**
 * Builds the package as it was at a commit, in a work tree of its own under `out/`, beside the benchmarks of today. Gives
 * the folder, and a function that removes it.
 */
export async function buildAt(ref: string): Promise<{ folder: string; title: string; remove: () => Promise<void> }> {
  const { stdout } = await exec('git', ['rev-parse', '--verify', '--short', `${ref}^{commit}`], { cwd: root }).catch(
    () => {
      throw new RangeError(`--against must name a commit, a branch or a tag. Received ${ref}`);
    },
  );
  const commit = stdout.trim();
  const folder = join(root, 'out', `against-${commit}`);
  const remove = async () => {
    await exec('git', ['worktree', 'remove', '--force', folder], { cwd: root });
  };
  await mkdir(join(root, 'out'), { recursive: true });
  await exec('git', ['worktree', 'prune'], { cwd: root });
  await exec('git', ['worktree', 'add', '--force', '--detach', folder, commit], { cwd: root });
  try {
    // Today's dependencies serve both builds, so that only the package differs.
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await exec(process.execPath, ['node_modules/@typescript/native/bin/tsc', '-p', 'tsconfig.build.json'], {
      cwd: folder,
    });
    await cp(join(root, 'out/bench'), join(folder, 'out/bench'), { recursive: true });
  } catch (error) {
    await remove();
    throw error;
  }
  return { folder, title: ref === commit ? ref : `${ref} (${commit})`, remove };
}
