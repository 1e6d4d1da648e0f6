import { condition, deprecatePatch, patched, setHandler, workflowInfo } from '@temporalio/workflow';
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

/** Waits for the test, and tells which version of the workers it was with before and after. */
export async function versionsOnTheWay(): Promise<readonly string[]> {
  let gone = false;
  setHandler(go, () => void (gone = true));
  const version = (): string => {
    const { deploymentName, buildId } = workflowInfo().currentDeploymentVersion ?? { deploymentName: '', buildId: '' };
    return deploymentName === '' ? 'none' : buildId;
  };
  const first = version();
  await condition(() => gone);
  return [first, version()];
}
