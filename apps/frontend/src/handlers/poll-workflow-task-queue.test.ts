import assert from 'node:assert/strict';
import test from 'node:test';
import { GrpcCode, notFound, type ServiceError, unavailable } from '@duramesh/contracts';
import { PollTaskReply, type QueryTaskReply } from '@duramesh/proto';
import { FrontendWorld } from '../testing/frontend-world.ts';

/** Polls for a query that history cannot prepare, and answers what its caller is told. */
async function refusedWith(error: ServiceError): Promise<QueryTaskReply | undefined> {
  let told: QueryTaskReply | undefined;
  const query = { queryId: 'query', workflowId: 'wf', runId: '', query: { queryType: 'state' } };
  const offers = [PollTaskReply.create({ query })];
  const world: FrontendWorld = await FrontendWorld.start({
    history: {
      buildQueryTask: async () => {
        throw error;
      },
    },
    matching: {
      pollTask: async ({ waitMs }) => {
        const offer = offers.shift();
        if (offer === undefined) await world.clock.sleep(waitMs);
        return offer ?? PollTaskReply.create();
      },
      respondQueryTask: async ({ result }) => {
        told = result;
        return {};
      },
    },
  });
  await world.call('PollWorkflowTaskQueue', { namespace: 'default', taskQueue: { name: 'q' }, identity: 'worker' });
  return told;
}

test('whoever asks a run that is gone meanwhile is told so, not that the query has failed', async () => {
  const told = await refusedWith(notFound('workflow execution not found'));
  assert.deepEqual([told?.errorCode, told?.errorMessage], [GrpcCode.NOT_FOUND, 'workflow execution not found']);
  assert.equal(told?.resultType, 0);
});

test('whoever asks while history cannot be reached is told to ask again', async () => {
  const told = await refusedWith(unavailable('no owner'));
  assert.equal(told?.errorCode, GrpcCode.UNAVAILABLE);
});
