import assert from 'node:assert/strict';
import { test } from 'node:test';
import { workflowServiceCodec } from '@duramesh/contracts';
import type { Plain, temporal } from '@duramesh/proto';
import { HistoryWorld, NAMESPACE } from '../testing/history-world.ts';

type Description = Plain<temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse>;

const codec = workflowServiceCodec<Description>('DescribeWorkflowExecutionResponse');
const utf8 = new TextEncoder();
const payload = { metadata: { encoding: utf8.encode('json/plain') }, data: utf8.encode('"v"') };
const KEYWORD = 2;

test('a search attribute that was removed from the namespace is not shown any more', async () => {
  const world = new HistoryWorld();
  await world.start();
  const namespace = { ...NAMESPACE, searchAttributeTypes: { Kept: KEYWORD, Removed: KEYWORD } };
  const request = {
    workflowId: 'wf',
    requestId: 'request',
    workflowType: { name: 'type' },
    taskQueue: { name: 'queue' },
    workflowTaskTimeout: { seconds: 10 },
    searchAttributes: { indexedFields: { Kept: payload, Removed: payload } },
  };
  await world.do(world.client.startWorkflow({ namespace, request }));
  const shown = async (types: Record<string, number>): Promise<readonly string[]> => {
    const call = { namespace: { ...NAMESPACE, searchAttributeTypes: types }, request: { execution: request } };
    const { response } = await world.do(world.client.describeWorkflow(call));
    return Object.keys(codec.decode(response).workflowExecutionInfo?.searchAttributes?.indexedFields ?? {}).sort();
  };
  assert.deepEqual(await shown({ Kept: KEYWORD, Removed: KEYWORD }), ['Kept', 'Removed']);
  assert.deepEqual(await shown({ Kept: KEYWORD }), ['Kept']);
});
