import { condition, defineSignal, setHandler, upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';
import { level, region } from '../search-attributes.ts';

export const release = defineSignal('release');

/** Raises its level, notes it, and stays until it is released. */
export async function raiseLevel(to: number): Promise<void> {
  let released = false;
  setHandler(release, () => void (released = true));
  upsertSearchAttributes([
    { key: level, value: to },
    { key: region, value: 'north' },
  ]);
  upsertMemo({ reason: 'raised', dropped: null });
  await condition(() => released);
}
