import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';

const { name: own, exports } = JSON.parse(await readFile('package.json', 'utf8')) as {
  name: string;
  exports: Record<string, unknown>;
};
const entries = Object.keys(exports).filter((path) => path !== './package.json');
const values = await Promise.all(
  entries.map(async (path) => Object.keys((await import(own + path.slice(1))) as Record<string, unknown>)),
);
/** What can be imported, and the option that is a pattern by itself. That each has a doc comment `surface.test.ts` sees to. */
const names = new Set([...values.flat(), 'onError']);

const [, table = ''] = /^## Patterns\n\n(?:\|.*\n){2}((?:\|.*\n)+)/m.exec(await readFile('README.md', 'utf8')) ?? [];
const rows = table
  .trim()
  .split('\n')
  .map((line) => {
    const [pattern = '', write = '', shown = '', ...more] = line.split('|').slice(1, -1);
    return { pattern: pattern.trim(), write, shown, more };
  });

describe('the patterns in the README', () => {
  test('are a table of three columns', () => {
    expect(rows.length).toBeGreaterThan(30);
    expect(rows.filter(({ pattern, more }) => pattern === '' || more.length > 0)).toEqual([]);
  });

  test.each(rows)(
    '$pattern: is written with a public name, and shown by a test and an example',
    ({ pattern, ...row }) => {
      const code = [...row.write.matchAll(/`([^`]+)`/g)].flatMap(([, text]) => text!.match(/\w+/g) ?? []);
      expect(
        code.some((word) => names.has(word)),
        row.write,
      ).toBe(true);

      const links = [...row.shown.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)].map(([, label, target]) => ({ label, target }));
      const [, example] = /^examples\/([\w-]+)[.]ts$/.exec(links[1]?.target ?? '') ?? [];
      expect(links).toEqual([
        { label: 'test', target: expect.stringMatching(/^test\/.+[.]test[.]ts$/) },
        // How flows are tested is no program to run.
        pattern === 'test it'
          ? { label: 'how to', target: 'docs/testing.md' }
          : { label: `\`${example}\``, target: expect.stringMatching(/^examples\/[\w-]+[.]ts$/) },
      ]);
      expect(links.filter(({ target }) => !existsSync(target!))).toEqual([]);
    },
  );
});
