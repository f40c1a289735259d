import { Subject } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { hooks } from '../../src/core/hooks.ts';
import { batch } from '../../src/operators/batch.ts';
import { Probe } from '../core/Probe.ts';

const { warn } = hooks;
afterEach(() => {
  hooks.warn = warn;
});

describe('batch', () => {
  test('G7: with weights too, a source that cannot be paused is warned about once, and ends at the bound for overruns', () => {
    const warnings: string[] = [];
    hooks.warn = (message) => warnings.push(message);
    const source = new Subject<number>();
    const probe = new Probe<number[]>();
    probe.close();
    probe.subscribe(source.pipe(batch({ size: 10, weigh: () => 5, weight: 10, name: 'rows' })));
    for (let i = 0; i < 100; i++) source.next(i);
    expect(warnings).toEqual([expect.stringContaining('Stage "rows" is sent more than the 2 items it may hold.')]);
    probe.open();
    expect(probe.values).toEqual(Array.from({ length: 50 }, (_, i) => [2 * i, 2 * i + 1]));
  });
});
