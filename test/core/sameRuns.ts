import fc from 'fast-check';

// For mutation runs: whether a mutant is found out must not depend on luck, and a smaller counterexample is of no use.
fc.configureGlobal({ seed: 1, endOnFailure: true });
