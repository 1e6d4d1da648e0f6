// npm run cluster -- --sdk: the SDK suite against two frontends, three history, two matching and one worker process over three brokers.
// Minutes, and half a dozen processes at work: beside `npm test`, not in it.
import { test } from 'node:test';
import { chosenDatabases } from '../support/databases.ts';
import { type Cluster, startCluster } from '../support/cluster.ts';
import { searchAttributeFlags } from './search-attributes.ts';
import { startOrders, allSteps } from './suite/durability.ts';
import type { LabTests } from './suite/lab-tests.ts';
import { sdkSuite } from './suite/sdk-suite.ts';

let cluster: Cluster | undefined;

const clusterTests: LabTests = (lab) => {
  test('every workflow goes on while each process in turn is stopped in order and started again', async () => {
    const orders = await startOrders(lab());
    const { processes } = lab().deployment;
    for (const [index, server] of processes.entries()) {
      await orders.stepsDone((allSteps * (index + 1)) / (processes.length + 1));
      await server.restart();
    }
    await orders.finished();
  });

  test('every workflow goes on while one broker after the other is killed and started again', async () => {
    const orders = await startOrders(lab());
    const nodes = cluster?.brokers.nodes ?? [];
    for (const [index, node] of nodes.entries()) {
      await orders.stepsDone((allSteps * (index + 1)) / (nodes.length + 1));
      await node.kill('SIGKILL');
      await node.restart();
    }
    await orders.finished();
  });
};

for (const store of chosenDatabases(['postgres'])) {
  const open = async (): Promise<Cluster> => (cluster = await startCluster({ store, flags: searchAttributeFlags }));
  sdkSuite(`the SDK against a cluster of eight processes and three brokers on ${store}`, open, clusterTests);
}
