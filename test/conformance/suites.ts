import type { Check } from '../../src/testing/conform.ts';

/** The checks of everything that is exported, by the names of the exports. */
export type Suites = Readonly<Record<string, readonly (readonly Check[])[]>>;
