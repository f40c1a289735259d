import { readFile } from 'node:fs/promises';
import { globby } from 'globby';
import { describe, expect, test } from 'vitest';

/** Every file of the project: what git would track, also where there is no git. */
const paths = await globby('**', { gitignore: true, dot: true, ignore: ['.git'] });
const files = await Promise.all(paths.map(async (path) => ({ path, text: await readFile(path, 'utf8') })));

describe('source files', () => {
  /** Lines of code, without blank lines and comments. */
  const sizes = files
    .filter(({ path }) => /^src\/.+[.]tsx?$/.test(path))
    .map(({ path, text }) => ({
      path,
      lines: text.split('\n').filter((line) => /^\s*(?!\/[/*]|\*)\S/.test(line)).length,
    }));

  test('have 250 lines of code at most, and should have 150', () => {
    const long = sizes.filter(({ lines }) => lines > 150).map(({ path, lines }) => `${path}: ${lines}`);
    if (long.length > 0)
      console.warn(`More than 150 lines of code, so look for a part to lift out:\n  ${long.join('\n  ')}`);
    expect(sizes.filter(({ lines }) => lines > 250)).toEqual([]);
  });
});

describe('all files', () => {
  test('have names that say what they hold', () => {
    expect(paths.filter((path) => /(^|\/)(utils?|common|helpers?|misc|index\d+)([./]|$)/i.test(path))).toEqual([]);
  });

  test.each([
    [
      'a package registry',
      /\bregistry\s*=|https?:\/\/(registry|npm|verdaccio|nexus|artifactory|mirrors?)[.:-]|\b_authToken\b/,
    ],
    [
      'a path of the machine that it was written on',
      /(?:(?<![\w.~/-])|file:\/\/)\/(home|Users|root|work|tmp|private)\/\w|\b[A-Z]:\\\\?Users\b/,
    ],
  ])('do not name %s', (_, pattern) => {
    const found = files.flatMap(({ path, text }) =>
      text.includes('\0')
        ? []
        : text.split('\n').flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
    );
    expect(found).toEqual([]);
  });
});
