import assert from 'node:assert/strict';
import test from 'node:test';
import { TaskRef } from '@duramesh/proto';
import { silentLogger } from '@duramesh/telemetry';
import { VirtualClock } from '@duramesh/testkit';
import { HeadCheck } from './head-check.ts';
import { WaitingTask } from './waiting-task.ts';

const MINUTE = 60_000;

/** Tasks that wait in one line, and whether somebody still needs them. */
function line(needed: Readonly<Record<string, boolean>>, options: { failing?: () => boolean } = {}) {
  const clock = new VirtualClock();
  const tasks = Object.keys(needed).map((workflowId, taskId) => {
    const ref = TaskRef.create({ workflowId, createdMs: clock.now() });
    return new WaitingTask({ taskId, ref, addedMs: clock.now() });
  });
  const asked: string[] = [];
  const check = new HeadCheck({
    clock,
    logger: silentLogger,
    heads: () => tasks.slice(0, 1),
    isWanted: async ({ workflowId }) => {
      asked.push(workflowId);
      if (options.failing?.() === true) throw new Error('history is away');
      return needed[workflowId] ?? false;
    },
    drop: () => void tasks.shift(),
  });
  return { clock, asked, check, left: () => tasks.map(({ ref }) => ref.workflowId) };
}

test('tasks that nobody needs leave the head of the line once they have stood there for ten minutes', async () => {
  const { clock, asked, left, check } = line({ dead: false, gone: false, alive: true, behind: false });
  await clock.advance(9 * MINUTE);
  assert.deepEqual(asked, []);
  await clock.advance(2 * MINUTE);
  assert.deepEqual(left(), ['alive', 'behind']);
  check.close();
});

test('a task that is needed is asked after again ten minutes later, not sooner', async () => {
  const { clock, asked, check } = line({ alive: true });
  await clock.advance(19 * MINUTE);
  assert.deepEqual(asked, ['alive']);
  await clock.advance(2 * MINUTE);
  assert.deepEqual(asked, ['alive', 'alive']);
  check.close();
  assert.equal(clock.pendingTimers, 0);
});

test('when history cannot be asked the tasks stay, and it is asked again', async () => {
  let isAway = true;
  const { clock, left, check } = line({ dead: false }, { failing: () => isAway });
  await clock.advance(11 * MINUTE);
  assert.deepEqual(left(), ['dead']);
  isAway = false;
  await clock.advance(20 * MINUTE);
  assert.deepEqual(left(), []);
  check.close();
});
