import { cruise, type ICruiseResult } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTsConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { describe, expect, test } from 'vitest';

const options = await extractOptions('./.dependency-cruiser.mjs');
const { output } = await cruise(['src', 'examples', 'bench'], options, undefined, {
  tsConfig: extractTsConfig('tsconfig.json'),
});
const { modules, summary } = output as ICruiseResult;

describe('floors (the rules stand in .dependency-cruiser.mjs)', () => {
  test.each(options.ruleSet?.forbidden?.map((rule) => rule.name ?? '') ?? [])('%s', (rule) => {
    const broken = summary.violations.filter((violation) => violation.rule.name === rule);
    expect(
      broken.map(({ from, to, cycle }) => [from, ...(cycle?.map(({ name }) => name) ?? [to])].join(' → ')),
    ).toEqual([]);
  });

  test('imports are seen: by a relative path, by the name of an entry, and of a type alone', () => {
    const seen = modules.flatMap((module) => module.dependencies.flatMap((dependency) => dependency.dependencyTypes));
    expect(seen).toEqual(expect.arrayContaining(['local', 'aliased', 'npm-peer', 'type-only']));
  });
});
