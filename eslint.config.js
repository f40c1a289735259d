// Only what oxlint (.oxlintrc.json) cannot do: rules that know RxJS types, and patterns in the syntax tree.
import rxjsX from 'eslint-plugin-rxjs-x';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const replayWindow = {
  selector:
    "CallExpression[callee.name='shareReplay'][arguments.1], NewExpression[callee.name='ReplaySubject'][arguments.1], " +
    "CallExpression[callee.name='shareReplay'] > ObjectExpression > Property[key.name='windowTime']",
  message: 'A window of time is measured with the wall clock, which can be set back. Give only a count.',
};

const bareObservable = {
  selector: "NewExpression[callee.name='Observable'] CallExpression[callee.property.name='subscribe']",
  message: 'It does not hear an unsubscribe while a source emits synchronously, and hides demand. Use operate.',
};

export default defineConfig(
  globalIgnores(['dist/', 'out/', 'coverage/']),
  {
    files: ['src/**/*.ts', 'examples/**/*.ts'],
    extends: [rxjsX.configs.recommended],
    languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'no-restricted-syntax': ['error', replayWindow],
      'rxjs-x/no-misused-observables': 'error',
    },
  },
  { files: ['src/operators/**'], rules: { 'no-restricted-syntax': ['error', replayWindow, bareObservable] } },
);
