/**
 * The floors: which file may import which. Checked by test/architecture/floors.test.ts; to look at one place by hand:
 * `npx depcruise src`. To import a type is to import, except where cycles are concerned.
 *
 * @type {import('dependency-cruiser').IConfiguration}
 */
export default {
  forbidden: [
    {
      name: 'core imports only core',
      severity: 'error',
      from: { path: '^src/core/' },
      to: { pathNot: ['^src/core/', '^node_modules/rxjs/'] },
    },
    {
      name: 'in core only the listed files import rxjs',
      severity: 'error',
      comment: 'A new major version of RxJS must not reach further: gate, stage, pool and ring stay as they are.',
      from: {
        path: '^src/core/',
        pathNot: '^src/core/(clock|demand|execute|iterate|operate|operateBatch|operatePool|options)[.]ts$',
      },
      to: { path: '^node_modules/rxjs/' },
    },
    {
      name: 'sync imports only core and sync, and no rxjs',
      severity: 'error',
      from: { path: '^src/sync/' },
      to: { path: '^(src|node_modules/rxjs)/', pathNot: '^src/(core|sync)/' },
    },
    {
      name: 'siblings do not import each other',
      severity: 'error',
      from: { path: '^src/(?!core/|sync/)([^/]+)/' },
      to: { path: '^src/', pathNot: ['^src/(core|sync|$1)/'] },
    },
    {
      name: 'only an entry imports an entry',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: '/index[.]ts$' },
      to: { path: '^src/([^/]+|.+/index)[.]ts$' },
    },
    {
      name: 'core, sync and operators run in a browser',
      severity: 'error',
      from: { path: '^src/(core|sync|operators)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'examples and bench import only the public entries, packages and examples',
      severity: 'error',
      comment: 'A benchmark of an example may import it; no example imports a benchmark.',
      from: { path: '^(examples|bench)/' },
      to: { path: '^[^/]+/', pathNot: ['^(node_modules|examples|$1)/'], dependencyTypesNot: ['aliased', 'core'] },
    },
    {
      name: 'src imports no development dependency',
      severity: 'error',
      comment: 'What the page of the inspector is made with is built into it.',
      from: { path: '^src/', pathNot: '^src/observe/inspector/page/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm', 'npm-peer'] },
    },
    {
      name: 'there are no import cycles',
      severity: 'error',
      comment: 'Cycles of types alone are gone when the program runs; the compiler removes them.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'every import can be found',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
