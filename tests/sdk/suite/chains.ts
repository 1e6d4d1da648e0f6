import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../support/until.ts';
import { assertSoundHistory, eventsOf } from '../support/history-checks.ts';
import { add, finish, sumInRuns, total } from '../workflows/index.ts';
import { RESULT_WITHIN_MS, type LabTests } from './lab-tests.ts';

export const chainTests: LabTests = (lab) => {
  test('no signal is lost between runs that continue as new', async () => {
    const { client, taskQueue } = lab();
    const started = await client.workflow.start(sumInRuns, { workflowId: lab().id('sum-in-runs'), taskQueue });
    const chain = client.workflow.getHandle(started.workflowId);
    const amounts = Array.from({ length: 30 }, (_, index) => index + 1);
    await Promise.all(amounts.map((amount) => chain.signal(add, amount)));
    await until(async () => (await chain.query(total, 1)) === 465, {
      what: 'all is added',
      withinMs: RESULT_WITHIN_MS,
    });
    await chain.signal(finish);
    assert.equal(await lab().result(chain, RESULT_WITHIN_MS), 465);
    const runs = await lab().listed(`WorkflowId = '${started.workflowId}'`);
    assert.ok(runs.length > 1, 'there is a chain');
    for (const { runId } of runs) {
      const run = client.workflow.getHandle(started.workflowId, runId, { followRuns: false });
      assertSoundHistory(await eventsOf(run));
    }
  });
};
