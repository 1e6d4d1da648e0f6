import { proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../activities.ts';

/** Which run of its cron chain this is, by what the run before has left. */
export async function countRuns(): Promise<number> {
  const { lastResult } = workflowInfo();
  return typeof lastResult === 'number' ? lastResult + 1 : 1;
}

/** Names its steps for whoever looks at the history, and tells how urgent its activity is. */
export async function namedSteps(): Promise<unknown> {
  const { ownPriority } = proxyActivities<Activities>({
    startToCloseTimeout: '10s',
    summary: 'asks for its priority',
    priority: { priorityKey: 2 },
  });
  await sleep(1, { summary: 'a short rest' });
  return ownPriority();
}
