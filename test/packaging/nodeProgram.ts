import type { Project } from './Project.ts';

/** The path of the newest Node.js of a major version, which npx fetches if it has to. */
export async function nodeProgram(project: Project, major: string): Promise<string> {
  const args = ['-y', '--prefer-offline', '-p', `node@${major}`, 'node', '-p', 'process.execPath'];
  try {
    return (await project.run('npx', args)).trim();
  } catch (cause) {
    const message = `Node.js ${major} cannot be had: npx needs the registry, or a warm cache, for node@${major}`;
    throw new Error(message, { cause });
  }
}
