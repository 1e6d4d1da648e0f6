import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openSchemaTool, openStore, StoreFault } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { startCassandraServer } from '../../support/cassandra-server.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { silent } from './drivers.ts';

const CUTS = 12;
const READ_WITHIN_MS = 20_000;
/** Two for requests and one that watches the cluster, each perhaps beside the one that takes its place. */
const MAX_CONNECTIONS = 6;
const options = { clock: systemClock, logger: silent };

test(
  'a store whose connections all break again and again goes on with as few as before, and nothing fails unhandled',
  { timeout: 300_000 },
  async (t) => {
    await using held = new AsyncDisposableStack();
    const server = held.adopt(await startCassandraServer(), (it) => it.stop());
    const url = await server.createDatabase();
    const tool = await openSchemaTool(url, options);
    await tool.update(() => {});
    await tool.close();
    const proxy = held.adopt(await startTcpProxy(server.port), (it) => it.close());
    const throughProxy = url.replace(`:${server.port}/`, `:${proxy.port}/`);
    const store = held.adopt(await openStore(throughProxy, options), (it) => it.close());
    const unhandled: unknown[] = [];
    const note = (error: unknown): unknown => unhandled.push(error);
    process.on('unhandledRejection', note);
    held.defer(() => void process.off('unhandledRejection', note));
    const reads = async (): Promise<boolean> => {
      try {
        await store.namespaces.list();
        return true;
      } catch (error) {
        assert.ok(error instanceof StoreFault, String(error));
        return false;
      }
    };
    for (let cut = 1; cut <= CUTS; cut++) {
      proxy.cut();
      await until(reads, { what: `the store reads after cut ${cut}`, withinMs: READ_WITHIN_MS });
    }
    assert.deepEqual(unhandled, []);
    const few = (): boolean => proxy.connections <= MAX_CONNECTIONS;
    await until(few, { what: 'the store has few connections', withinMs: READ_WITHIN_MS });
    t.diagnostic(`${proxy.connections} connections after ${CUTS} cuts`);
  },
);
