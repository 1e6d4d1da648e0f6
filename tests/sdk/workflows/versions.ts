import { condition, deprecatePatch, patched, setHandler } from '@temporalio/workflow';
import { go } from './orders.ts';

/** Decides twice which code to run, and waits for the test between: the second time from its history. */
export async function patchedTwice(): Promise<readonly string[]> {
  let gone = false;
  setHandler(go, () => void (gone = true));
  const decide = (): string => (patched('new-greeting') ? 'new' : 'old');
  const first = decide();
  await condition(() => gone);
  return [first, decide()];
}

export async function afterThePatch(): Promise<string> {
  deprecatePatch('new-greeting');
  return 'new';
}
