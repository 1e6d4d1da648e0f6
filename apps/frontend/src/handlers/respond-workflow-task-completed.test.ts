import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EncodedResponse, WorkflowTaskToken } from '@duramesh/proto';
import { FrontendWorld } from '../testing/frontend-world.ts';

const answers = { history: { respondWorkflowTaskCompleted: async () => EncodedResponse.create() } };

async function completion(world: FrontendWorld, namespace: string) {
  const token = WorkflowTaskToken.create({ namespaceId: await world.namespaceId(), workflowId: 'wf' });
  return {
    namespace: 'default',
    taskToken: WorkflowTaskToken.encode(token),
    commands: [{ commandType: 12, signalExternalWorkflowExecutionCommandAttributes: { namespace } }],
  };
}

test('a command about a namespace that there is not is refused before history hears of it', async () => {
  const world = await FrontendWorld.start({});
  const told = await world.refusal('RespondWorkflowTaskCompleted', await completion(world, 'nowhere'));
  assert.equal(told, '5 Namespace nowhere is not found.');
});

test('a command that names no namespace, or its own, goes to history', async () => {
  const world = await FrontendWorld.start(answers);
  for (const namespace of ['', 'default']) {
    await world.call('RespondWorkflowTaskCompleted', await completion(world, namespace));
  }
});
