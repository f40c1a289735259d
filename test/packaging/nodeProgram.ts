import type { Project } from './Project.ts';

const found = new Map<string, Promise<string>>();

/** The path of a Node.js of a major version: of that which runs this, or else of the newest, which npx fetches if it has to. */
export function nodeProgram(project: Project, major: string): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return Promise.resolve(process.execPath);
  // Looked up once.
  const path = found.get(major) ?? newest(project, major);
  found.set(major, path);
  return path;
}

async function newest(project: Project, major: string): Promise<string> {
  const args = ['-y', '--prefer-offline', '-p', `node@${major}`, 'node', '-p', 'process.execPath'];
  try {
    return (await project.run('npx', args)).trim();
  } catch (cause) {
    const message = `Node.js ${major} cannot be had: npx needs the registry, or a warm cache, for node@${major}`;
    throw new Error(message, { cause });
  }
}
