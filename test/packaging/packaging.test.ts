import { afterAll, beforeAll, describe } from 'vitest';
import { browserBundle } from './browserBundle.ts';
import { nodeVersions } from './nodeVersions.ts';
import { PATIENCE, Project } from './Project.ts';
import { threads } from './threads.ts';
import { typings } from './typings.ts';
import { withoutOptional } from './withoutOptional.ts';

describe('the packed package, installed in an empty project', () => {
  let made: Project | undefined;
  const project = (): Project => {
    if (made === undefined) throw new Error('The project was not made');
    return made;
  };

  beforeAll(async () => {
    made = await Project.make('@types/node');
  }, PATIENCE);

  afterAll(() => made?.remove());

  describe('runs', () => nodeVersions(project));
  describe('has types', () => typings(project));
  describe('starts threads', () => threads(project));
  describe('in a browser', () => browserBundle(project));
  describe('without the optional dependencies of its dependencies', () => withoutOptional(project));
});
