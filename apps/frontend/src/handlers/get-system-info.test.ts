import assert from 'node:assert/strict';
import test from 'node:test';
import { FrontendWorld } from '../testing/frontend-world.ts';

test('a worker learns that the server wants its build with what it completes', async () => {
  const world = await FrontendWorld.start();
  const { capabilities } = await world.call('GetSystemInfo', {});
  assert.equal(capabilities?.buildIdBasedVersioning, true);
});
