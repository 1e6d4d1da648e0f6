import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Wire } from '../bench/wire.ts';
import { createWithSchema } from '../support/databases.ts';
import { startServer } from '../support/server-process.ts';
import { everyDatabase } from './every-database.ts';
import { isLong } from './form.ts';

/** Each run is looked for three times. */
const RUNS = isLong ? 3_334 : 100;
const LANES = 16;
const CALL_TIMEOUT_MS = 10_000;
const namespace = 'default';

/** One run from its start to its close; after each answer a list must show it. @returns what lists did not show */
async function liveSeen(wire: Wire, workflowType: string): Promise<readonly string[]> {
  const missed: string[] = [];
  const workflowId = randomUUID();
  const look = async (what: string, status: string): Promise<void> => {
    const query = `WorkflowType = '${workflowType}' AND WorkflowId = '${workflowId}' AND ExecutionStatus = '${status}'`;
    const { executions } = await wire.call('ListWorkflowExecutions', { namespace, query }, CALL_TIMEOUT_MS);
    if (executions?.length !== 1) missed.push(`${workflowId} after its ${what}`);
  };
  const taskQueue = { name: 'nobody-polls', kind: 1 };
  const start = { namespace, workflowId, workflowType: { name: workflowType }, taskQueue, requestId: randomUUID() };
  const workflowExecution = {
    workflowId,
    runId: (await wire.call('StartWorkflowExecution', start, CALL_TIMEOUT_MS)).runId,
  };
  await look('start', 'Running');
  const signal = { namespace, workflowExecution, signalName: 's', requestId: randomUUID() };
  await wire.call('SignalWorkflowExecution', signal, CALL_TIMEOUT_MS);
  await look('signal', 'Running');
  await wire.call('TerminateWorkflowExecution', { namespace, workflowExecution, reason: 'seen' }, CALL_TIMEOUT_MS);
  await look('close', 'Terminated');
  return missed;
}

everyDatabase({
  'a list right after an acknowledged start, signal or close shows it': async ({ database, t }) => {
    const url = await createWithSchema(database);
    await using server = await startServer({ db: url });
    const wire = new Wire(server.address);
    const missed: string[] = [];
    const type = `seen-${randomUUID()}`;
    let left = RUNS;
    const lane = async (): Promise<void> => {
      while (left-- > 0) missed.push(...(await liveSeen(wire, type)));
    };
    try {
      await Promise.all(Array.from({ length: LANES }, lane));
    } finally {
      wire.close();
    }
    t.diagnostic(`${3 * RUNS - missed.length} of ${3 * RUNS} lists showed it`);
    assert.deepEqual(missed, []);
  },
});
