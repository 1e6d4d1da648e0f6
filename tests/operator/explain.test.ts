import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Connection } from '@temporalio/client';
import { type Deployment, startServer } from '../support/server-process.ts';
import { activity, child, HandWorker, identity, namespace, seconds, timer } from './hand-worker.ts';
import { clusterCommand, explain, explainedBy } from './operator-calls.ts';

let server: Deployment;
let connection: Connection;
let hand: HandWorker;

before(async () => {
  server = await startServer();
  connection = await Connection.connect({ address: server.address });
  hand = new HandWorker(connection);
});
after(async () => {
  await connection.close();
  await server.stop();
});

/** The one thing that the run waits for. */
async function only(workflowId: string, code: string) {
  const { reasons } = await explain(server, workflowId);
  assert.deepEqual(
    reasons.map((reason) => reason.code),
    [code],
    JSON.stringify(reasons),
  );
  const [reason] = reasons;
  assert.ok(reason);
  return reason;
}

void test('a workflow that nobody polls for says which queue lacks a worker', async () => {
  const workflowId = await hand.start('no-poller');
  const { text, advice } = await explainedBy(server, workflowId, 'NO_POLLER');
  assert.match(text, /No worker polls it\.$/);
  assert.match(advice, new RegExp(`Start a workflow worker on task queue ${workflowId}`));
});

void test('a workflow behind others says how many tasks wait, and for how long', async () => {
  const queue = `backlog-${randomUUID()}`;
  const others = Array.from({ length: 5 }, () => hand.start('behind', { taskQueue: { name: queue } }));
  await Promise.all(others);
  // The worker there is has its hands full.
  await hand.pollWorkflow(queue);
  const workflowId = await hand.start('behind', { taskQueue: { name: queue } });
  const { text } = await explainedBy(server, workflowId, 'BACKLOG');
  assert.match(text, /\d tasks wait there, the oldest for .+; 1 workers poll\.$/);
});

void test('a timer is told with the moment at which it fires', async () => {
  const workflowId = await hand.startWith('timer', timer('reminder', 3_600));
  const { subject, untilMs } = await only(workflowId, 'TIMER');
  assert.equal(subject, 'reminder');
  assert.ok(Math.abs(untilMs - Date.now() - 3_600_000) < 60_000);
});

void test('an activity between two attempts says when the next one comes, and why the last one failed', async () => {
  const queue = `retry-${randomUUID()}`;
  const workflowId = await hand.startWith('retry', activity(queue));
  const { taskToken } = await hand.pollActivity(queue);
  const failure = { message: 'the bank is closed', applicationFailureInfo: { type: 'Bank' } };
  await hand.rpc.respondActivityTaskFailed({ namespace, identity, taskToken, failure });
  const { text, untilMs } = await only(workflowId, 'ACTIVITY_RETRY_BACKOFF');
  assert.match(text, /^Activity charge \(pay\) is tried again in .+, attempt 2\..*: the bank is closed\.$/);
  assert.ok(untilMs > Date.now());
});

void test('a paused activity says who paused it and why', async () => {
  const workflowId = await hand.startWith('paused-activity', activity(`nobody-${randomUUID()}`));
  const execution = { workflowId };
  await hand.rpc.pauseActivity({ namespace, execution, id: 'pay', identity: 'ops', reason: 'the bank asked us to' });
  const { text } = await only(workflowId, 'ACTIVITY_PAUSED');
  assert.equal(text, 'Activity charge (pay) was paused by ops: the bank asked us to.');
});

void test('a paused workflow says who paused it and why, and nothing of what waits behind the pause', async () => {
  const workflowId = await hand.startWith('paused', activity(`nobody-${randomUUID()}`));
  await hand.rpc.pauseWorkflowExecution({ namespace, workflowId, identity: 'ops', reason: 'stocktaking' });
  const { text } = await only(workflowId, 'WORKFLOW_PAUSED');
  assert.match(text, /paused by ops: stocktaking/);
});

void test('an activity on a queue with a limit says what the limit is and who has set it', async () => {
  const queue = `limited-${randomUUID()}`;
  const slowly = 0.001;
  const workflowId = await hand.startWith('limited', activity(queue, 'a1'), activity(queue, 'a2'));
  await hand.pollActivity(queue, slowly);
  // The next one is not given away for a quarter of an hour.
  const waiting = hand.pollActivity(queue, slowly).catch(() => undefined);
  const { text, advice } = await explainedBy(server, workflowId, 'RATE_LIMITED');
  assert.match(text, /gives 0\.001 tasks a second at most, a limit that its workers have set; \d tasks wait\.$/);
  assert.match(advice, new RegExp(`--task-queue ${queue}`));
  await waiting;
});

void test('a workflow task that keeps failing says how often and with what', async () => {
  const workflowId = await hand.start('failing');
  for (let i = 0; i < 3; i++) {
    const { taskToken } = await hand.pollWorkflow(workflowId);
    await hand.rpc.respondWorkflowTaskFailed({ namespace, identity, taskToken, cause: 24 });
  }
  const { reasons } = await explain(server, workflowId);
  assert.equal(reasons[0]?.code, 'WORKFLOW_TASK_FAILING', JSON.stringify(reasons));
  assert.match(reasons[0].text, /failed 3 times in a row, first with NonDeterministicError\.$/);
});

void test('a workflow whose child has not ended names the child', async () => {
  const childId = `child-${randomUUID()}`;
  const workflowId = await hand.startWith('parent', child(childId, childId));
  await explainedBy(server, workflowId, 'CHILD_RUNNING');
  await hand.advance(workflowId);
  const { subject, advice } = await only(workflowId, 'CHILD_RUNNING');
  assert.equal(subject, childId);
  assert.match(advice, new RegExp(`duramesh cluster explain ${childId}$`));
  await explainedBy(server, childId, 'NO_POLLER');
});

void test('a running activity names its worker, its attempt and its last heartbeat', async () => {
  const queue = `running-${randomUUID()}`;
  const workflowId = await hand.startWith('running', activity(queue));
  const { taskToken } = await hand.pollActivity(queue);
  await hand.rpc.recordActivityTaskHeartbeat({ namespace, identity, taskToken });
  const { text, sinceMs } = await only(workflowId, 'ACTIVITY_RUNNING');
  assert.match(text, /runs on hand-worker, attempt 1, since .+, last heartbeat .+ ago\.$/);
  assert.ok(sinceMs > 0 && sinceMs <= Date.now());
});

void test('a workflow with a start delay says when it begins', async () => {
  const workflowId = await hand.start('delayed', { workflowStartDelay: seconds(3_600) });
  const { untilMs } = await only(workflowId, 'WORKFLOW_START_DELAY');
  assert.ok(Math.abs(untilMs - Date.now() - 3_600_000) < 60_000);
});

void test('an update that no worker has accepted is named', async () => {
  const workflowId = await hand.startWith('update');
  const update = hand.rpc.updateWorkflowExecution({
    namespace,
    workflowExecution: { workflowId },
    waitPolicy: { lifecycleStage: 3 },
    request: { meta: { updateId: 'address', identity: 'client' }, input: { name: 'change' } },
  });
  const given = assert.rejects(update);
  const { subject } = await explainedBy(server, workflowId, 'UPDATE_NOT_ACCEPTED');
  assert.equal(subject, 'address');
  await hand.rpc.terminateWorkflowExecution({ namespace, workflowExecution: { workflowId } });
  await given;
});

void test('a workflow that waits for a signal says that it waits for nothing else', async () => {
  await only(await hand.startWith('idle'), 'IDLE');
});

void test('closed workflows, and those that are not there, are told as such', async () => {
  const workflowId = await hand.startWith('done', {
    commandType: 4,
    completeWorkflowExecutionCommandAttributes: {},
  });
  assert.equal((await only(workflowId, 'CLOSED')).text, 'The run has ended: completed.');
  const missing = await clusterCommand(server, 'explain', 'no-such-workflow');
  assert.equal(missing.code, 4);
  assert.match(missing.out, /There is no workflow no-such-workflow in namespace default\./);
  const elsewhere = await clusterCommand(server, 'explain', workflowId, '--namespace', 'nowhere');
  assert.equal(elsewhere.code, 4);
  assert.match(elsewhere.out, /There is no namespace nowhere\./);
});

void test('people read the reasons with their moments and what to do', async () => {
  const workflowId = await hand.start('for-people');
  await explainedBy(server, workflowId, 'NO_POLLER');
  const { out, code } = await clusterCommand(server, 'explain', workflowId);
  assert.equal(code, 0);
  const lines = out.split('\n');
  assert.match(lines[0] ?? '', new RegExp(`^Workflow ${workflowId}, run \\S+ \\(namespace default, shard \\d+\\)$`));
  assert.match(lines[1] ?? '', /^by-hand on \S+: RUNNING, started \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ \(.+ ago\)$/);
  assert.match(
    out,
    /\nNO_POLLER\n {3}The workflow task waits .+\n {3}since .+\n {3}What to do: Start a workflow worker/,
  );
});
