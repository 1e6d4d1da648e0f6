import { type Client, WorkflowFailedError } from '@temporalio/client';
import { TerminatedFailure } from '@temporalio/common';
import type { Answer, Kind, ShownRun } from '../record/operation.ts';
import { append, finish, register, type Shown, show, update, updateWithActivity } from './workflows.ts';

/** What an operation is about. */
export interface Subject {
  readonly client: Client;
  readonly taskQueue: string;
  readonly workflowId: string;
  readonly value: string;
  /** Only for `result`: the run that is waited for. */
  readonly runId?: string;
}

type Perform = (subject: Subject) => Promise<Answer>;

const shownBy = ({ runId, log, cancelled }: Shown): Answer => ({ runId, log, cancelled });

/** Each operation by the SDK's own call; an update is known by its value, also when it is asked for again. */
export const operations: Readonly<Record<Kind, Perform>> = {
  start: async ({ client, taskQueue, workflowId }) => {
    const handle = await client.workflow.start(register, { workflowId, taskQueue });
    return { runId: handle.firstExecutionRunId };
  },
  signal: async ({ client, workflowId, value }) => {
    await client.workflow.getHandle(workflowId).signal(append, value);
    return {};
  },
  'signal-with-start': async ({ client, taskQueue, workflowId, value }) => {
    const options = { workflowId, taskQueue, signal: append, signalArgs: [value] as [string] };
    const handle = await client.workflow.signalWithStart(register, options);
    return { runId: handle.signaledRunId };
  },
  update: async ({ client, workflowId, value }) => {
    const handle = client.workflow.getHandle(workflowId);
    return shownBy(await handle.executeUpdate(update, { args: [value], updateId: value }));
  },
  'update-with-activity': async ({ client, workflowId, value }) => {
    const handle = client.workflow.getHandle(workflowId);
    return shownBy(await handle.executeUpdate(updateWithActivity, { args: [value], updateId: value }));
  },
  finish: async ({ client, workflowId, value }) =>
    shownBy(await client.workflow.getHandle(workflowId).executeUpdate(finish, { updateId: value })),
  query: async ({ client, workflowId }) => shownBy(await client.workflow.getHandle(workflowId).query(show)),
  cancel: async ({ client, workflowId }) => {
    await client.workflow.getHandle(workflowId).cancel();
    return {};
  },
  terminate: async ({ client, workflowId }) => {
    await client.workflow.getHandle(workflowId).terminate('chaos');
    return {};
  },
  describe: async ({ client, workflowId }) => {
    const { runId, status } = await client.workflow.getHandle(workflowId).describe();
    return { runId, status: status.name };
  },
  result: async ({ client, workflowId, runId = '' }) => {
    try {
      const shown = await client.workflow.getHandle<typeof register>(workflowId, runId).result();
      return { ...shownBy(shown), status: 'COMPLETED' };
    } catch (error) {
      if (!(error instanceof WorkflowFailedError) || !(error.cause instanceof TerminatedFailure)) throw error;
      return { runId, status: 'TERMINATED' };
    }
  },
  list: async ({ client, workflowId }) => {
    const runs: ShownRun[] = [];
    for await (const { runId, status } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
      runs.push({ runId, status: status.name });
    }
    return { runs };
  },
};
