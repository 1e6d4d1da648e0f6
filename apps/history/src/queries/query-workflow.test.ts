import assert from 'node:assert/strict';
import test from 'node:test';
import { GrpcCode } from '@duramesh/contracts';
import { QueryTaskReply } from '@duramesh/proto';
import { NAMESPACE } from '../testing/history-world.ts';
import { accept, respond, UpdateWorld } from '../testing/update-world.ts';

const DAY_S = 86_400;
const ANSWERED = 1;
const PAUSED = 8;

test('a workflow that is to begin later answers no query, unless an update has called for its worker', async () => {
  const world = new UpdateWorld();
  await world.start();
  const start = {
    workflowId: 'wf',
    requestId: 'request',
    workflowType: { name: 'type' },
    taskQueue: { name: 'queue' },
    workflowTaskTimeout: { seconds: 10 },
    workflowStartDelay: { seconds: DAY_S },
  };
  await world.do(world.client.startWorkflow({ namespace: NAMESPACE, request: start }));
  const request = { execution: { workflowId: 'wf' }, query: { queryType: 'state' } };
  const ask = () => world.client.queryWorkflow({ namespace: NAMESPACE, request });
  await assert.rejects(world.do(ask()), /Workflow task is not scheduled yet\./);

  const updated = world.send('u1');
  await world.clock.settle();
  const asked = ask();
  await world.clock.settle();
  const task = await world.take();
  const [id = ''] = Object.keys(task.queries ?? {});
  const answer = { payloads: [{ data: Buffer.from('updated') }] };
  const queryResults = { [id]: { resultType: ANSWERED, answer } };
  await world.answer(task, [accept('u1'), respond('u1')], { queryResults });
  const [{ queryResult }, { outcome }] = await world.do(Promise.all([asked, updated]));
  assert.equal(Buffer.from(queryResult?.payloads?.[0]?.data ?? []).toString(), 'updated');
  assert.ok(outcome?.success);
  await world.service?.stop();
});

test('a query that comes after a workflow task was taken does not ride on it when the task is told again', async () => {
  const world = await UpdateWorld.idle();
  await world.signal('first');
  await world.take();
  await world.signal('second');
  const request = { execution: { workflowId: 'wf' }, query: { queryType: 'state' } };
  const asked = world.client.queryWorkflow({ namespace: NAMESPACE, request });
  await world.clock.settle();
  const again = await world.take();
  assert.deepEqual(again.queries ?? {}, {}, 'the second signal is not among what the task tells');

  await world.answer(again, []);
  const next = await world.take();
  const [id = ''] = Object.keys(next.queries ?? {});
  const answer = { payloads: [{ data: Buffer.from('both') }] };
  await world.answer(next, [], { queryResults: { [id]: { resultType: ANSWERED, answer } } });
  const { queryResult } = await world.do(asked);
  assert.equal(Buffer.from(queryResult?.payloads?.[0]?.data ?? []).toString(), 'both');
  await world.service?.stop();
});

test('a query that waited while its run was paused is rejected: no worker knows what has come meanwhile', async () => {
  const world = await UpdateWorld.idle();
  await world.signal('first');
  const task = await world.take();
  await world.signal('second');
  const execution = { workflowId: 'wf' };
  const request = { execution, query: { queryType: 'state' } };
  const asked = world.client.queryWorkflow({ namespace: NAMESPACE, request });
  await world.clock.settle();
  await world.do(world.client.pauseWorkflow({ namespace: NAMESPACE, request: { ...execution, requestId: 'pause' } }));
  await world.answer(task, []);
  const { queryRejected, queryResult } = await world.do(asked);
  assert.deepEqual([queryRejected?.status, queryResult], [PAUSED, undefined]);
  await world.service?.stop();
});

test('a query that was put to no worker is refused as it was there, and answered when it is asked again', async () => {
  const world = await UpdateWorld.idle();
  const request = { execution: { workflowId: 'wf' }, query: { queryType: 'state' } };
  const ask = () => world.do(world.client.queryWorkflow({ namespace: NAMESPACE, request }));
  const refused = (errorCode: number) => QueryTaskReply.create({ errorCode, errorMessage: 'why' });
  world.queryReply = refused(GrpcCode.NOT_FOUND);
  await assert.rejects(ask(), { code: GrpcCode.NOT_FOUND, message: 'why' });
  world.queryReply = refused(GrpcCode.UNAVAILABLE);
  await assert.rejects(ask(), { code: GrpcCode.UNAVAILABLE });
  world.queryReply = QueryTaskReply.create({ resultType: ANSWERED, answer: { payloads: [{}] } });
  assert.equal((await ask()).queryResult?.payloads?.length, 1);
  await world.service?.stop();
});

test('a query that waits for a workflow task goes to the next owner when this one leaves', async () => {
  const world = await UpdateWorld.idle();
  await world.signal('first');
  const request = { execution: { workflowId: 'wf' }, query: { queryType: 'state' } };
  const asked = world.client.queryWorkflow({ namespace: NAMESPACE, request }, { timeoutMs: 8_000 });
  await world.clock.settle();
  await world.do(world.service?.stop() ?? Promise.resolve());
  await world.start('history-1');
  await world.clock.advance(2_000);
  const task = await world.take();
  const [id = ''] = Object.keys(task.queries ?? {});
  const answer = { payloads: [{ data: Buffer.from('first') }] };
  await world.answer(task, [], { queryResults: { [id]: { resultType: ANSWERED, answer } } });
  const { queryResult } = await world.do(asked);
  assert.equal(Buffer.from(queryResult?.payloads?.[0]?.data ?? []).toString(), 'first');
  await world.service?.stop();
});

test('a query that waits for a worker goes to the next owner when this one leaves', async () => {
  const world = await UpdateWorld.idle();
  const request = { execution: { workflowId: 'wf' }, query: { queryType: 'state' } };
  world.queryReply = new Promise(() => undefined);
  const asked = world.client.queryWorkflow({ namespace: NAMESPACE, request }, { timeoutMs: 8_000 });
  await world.clock.settle();
  world.queryReply = QueryTaskReply.create({ resultType: ANSWERED, answer: { payloads: [{}] } });
  const leftAtMs = world.clock.now();
  await world.do(world.service?.stop() ?? Promise.resolve());
  await world.start('history-1');
  assert.equal((await world.do(asked)).queryResult?.payloads?.length, 1);
  assert.ok(world.clock.now() - leftAtMs < 1_000, 'nobody waited for the worker');
  await world.service?.stop();
});

test('an owner that is leaving asks no worker for a query that it has just begun to look at', async () => {
  const world = await UpdateWorld.idle();
  const request = { execution: { workflowId: 'wf' }, query: { queryType: 'state' } };
  world.queryReply = new Promise(() => undefined);
  world.leaseAnswerMs = 100;
  const asked = world.client.queryWorkflow({ namespace: NAMESPACE, request }, { timeoutMs: 8_000 });
  await world.clock.settle();
  const leftAtMs = world.clock.now();
  await world.do(world.service?.stop() ?? Promise.resolve());
  world.queryReply = QueryTaskReply.create({ resultType: ANSWERED, answer: { payloads: [{}] } });
  await world.start('history-1');
  assert.equal((await world.do(asked)).queryResult?.payloads?.length, 1);
  assert.ok(world.clock.now() - leftAtMs < 1_000, 'nobody waited for the worker');
  await world.service?.stop();
});
