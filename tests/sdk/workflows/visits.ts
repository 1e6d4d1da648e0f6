import type { Priority } from '@temporalio/common';
import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities.ts';

export interface Visit {
  readonly key: string;
  readonly priority?: Priority;
}

/** One effect for each visit, all at once, by the workers of another task queue. */
export async function visits(taskQueue: string, wanted: readonly Visit[]): Promise<void> {
  const effects = wanted.map(async ({ key, priority }) => {
    const { effect } = proxyActivities<Activities>({
      taskQueue,
      startToCloseTimeout: '10s',
      ...(priority !== undefined && { priority }),
    });
    await effect(key);
  });
  await Promise.all(effects);
}
