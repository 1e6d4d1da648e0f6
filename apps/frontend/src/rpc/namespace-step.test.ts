import assert from 'node:assert/strict';
import test from 'node:test';
import { FrontendWorld } from '../testing/frontend-world.ts';

const unreadable = Uint8Array.of(1);

test('a namespace that nobody has registered is told before a token that cannot be read', async () => {
  const world = await FrontendWorld.start();
  const refusal = (namespace: string): Promise<string> =>
    world.refusal('RespondActivityTaskCompleted', { namespace, taskToken: unreadable });
  assert.equal(await refusal('nobody'), '5 Namespace nobody is not found.');
  assert.equal(await refusal('default'), '3 Error deserializing task token.');
  assert.equal(await refusal(''), '3 Error deserializing task token.');
});
