import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type NatsServer, startNatsServer } from '../support/nats-server.ts';
import { type Deployment, startFourProcesses } from '../support/server-process.ts';
import { databases } from './databases.ts';
import { searchAttributeFlags } from './search-attributes.ts';
import { allSteps, startOrders } from './suite/durability.ts';
import { type LabTests, RESULT_WITHIN_MS } from './suite/lab-tests.ts';
import { sdkSuite } from './suite/sdk-suite.ts';
import { order } from './workflows/index.ts';

const OUTAGE_MS = 10_000;
const SPLIT_QUEUE = 'split';
const splitFlags = ['--task-queue-partitions', `${SPLIT_QUEUE}=4`];

let broker: NatsServer | undefined;

const clusterTests: LabTests = (lab) => {
  test('workflows, their activities and queries find the one worker of a task queue with four partitions', async () => {
    const { client } = lab();
    const worker = await lab().startWorker(SPLIT_QUEUE, { maxConcurrentActivityTaskPolls: 1 });
    const keys = Array.from({ length: 20 }, () => lab().id('split'));
    const handles = await Promise.all(
      keys.map((key) => client.workflow.start(order, { workflowId: key, taskQueue: SPLIT_QUEUE, args: [key, 3] })),
    );
    for (const [at, handle] of handles.entries()) {
      const steps = [1, 2, 3].map((step) => `${keys[at]}/${step}`);
      assert.deepEqual(await lab().result(handle, RESULT_WITHIN_MS), steps);
    }
    const [first] = handles;
    const metadata = await first?.query<{ definition?: { type?: string } }>('__temporal_workflow_metadata');
    assert.equal(metadata?.definition?.type, 'order');
    await worker.stop();
  });

  test('every workflow that the loss of the broker interrupts goes on when it is back, and nothing is done twice', async () => {
    const orders = await startOrders(lab());
    await orders.stepsDone(allSteps / 4);
    await broker?.kill('SIGKILL');
    await pause(OUTAGE_MS / 2);
    const steps = orders.steps();
    await pause(OUTAGE_MS / 2);
    assert.equal(orders.steps(), steps, 'nothing goes on without the broker');
    assert.ok(steps < allSteps, 'the outage comes in the middle');
    await broker?.restart();
    await orders.finished();
  });

  test('every workflow goes on when one of the four processes after the other is killed and started again', async () => {
    const orders = await startOrders(lab());
    const { processes } = lab().deployment;
    for (const [index, server] of processes.entries()) {
      await orders.stepsDone((allSteps * (index + 1)) / (processes.length + 1));
      await server.restart('SIGKILL');
    }
    await orders.finished();
  });
};

for (const { name, create } of databases) {
  const open = async (): Promise<Deployment> => {
    broker ??= await startNatsServer();
    const flags = [...searchAttributeFlags, ...splitFlags];
    return startFourProcesses({ nats: broker.url, db: await create(), flags });
  };
  sdkSuite(`the SDK against four processes over a broker and ${name}`, open, clusterTests);
}

after(() => broker?.stop());
