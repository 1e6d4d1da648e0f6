import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PollTaskReply } from '@duramesh/proto';
import { FrontendWorld } from '../testing/frontend-world.ts';

const poll = { namespace: 'default', taskQueue: { name: 'queue' }, identity: 'worker' };

test('a poll of a worker that shuts down is over with the answer that says so', async () => {
  let asked = 0;
  const pollTask = async (): Promise<PollTaskReply> => {
    asked += 1;
    return PollTaskReply.create({ ended: true });
  };
  const world = await FrontendWorld.start({ matching: { pollTask } });
  const answer = await world.call('PollActivityTaskQueue', poll, { deadlineInMs: 60_000 });
  assert.equal(answer.taskToken?.length, 0);
  assert.equal(asked, 1);
});

test('a poll whose wait brings nothing lasts until its own time is over', async () => {
  const world: FrontendWorld = await FrontendWorld.start({
    matching: {
      pollTask: async ({ waitMs }) => {
        await world.clock.sleep(waitMs);
        return PollTaskReply.create();
      },
    },
  });
  const startedMs = world.clock.now();
  await world.call('PollActivityTaskQueue', poll, { deadlineInMs: 300_000 });
  assert.ok(world.clock.now() - startedMs >= 50_000);
});
