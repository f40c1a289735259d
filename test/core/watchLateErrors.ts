import { afterEach, beforeEach, expect, vi } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { turns } from '../sources/events.ts';

/**
 * Keeps what each test of a file reports late, and the rejections that nobody handles: a test that expects some takes them out, and
 * any that are left fail it.
 */
export function watchLateErrors(): { late: [error: unknown, stage: string][]; unhandled: unknown[] } {
  const late: [error: unknown, stage: string][] = [];
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  beforeEach(() => {
    vi.spyOn(hooks, 'lateError').mockImplementation((error, stage) => void late.push([error, stage]));
    process.on('unhandledRejection', onUnhandled);
  });
  afterEach(async () => {
    await turns(2);
    process.off('unhandledRejection', onUnhandled);
    vi.restoreAllMocks();
    expect([late.splice(0), unhandled.splice(0)]).toEqual([[], []]);
  });
  return { late, unhandled };
}
