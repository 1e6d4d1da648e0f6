import assert from 'node:assert/strict';
import { openSchemaTool, openStore, StoreFault, type StoreFaultCode } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { type Connection, createConnection } from 'mysql2/promise';
import { freePortBlock } from '../../support/free-ports.ts';
import { type MysqlServer, startMysqlServer } from '../../support/mysql-server.ts';
import { until } from '../../support/until.ts';
import { silent } from './drivers.ts';
import { type MysqlClaims, onMysqlServer, setUpSchema } from './mysql.ts';
import { acquireShard, commit, keyOf, runWrite, write } from './rows.ts';

const open = (url: string) => openStore(url, { clock: systemClock, logger: silent });

/** One line that says what to do, with the code that tells whether trying again may help; never the password. */
async function isRefused(url: string, code: StoreFaultCode, message: RegExp): Promise<void> {
  await assert.rejects(open(url), (error) => {
    assert.ok(error instanceof StoreFault, String(error));
    assert.deepEqual([error.code, message.test(error.message)], [code, true], `${error.code}: ${error.message}`);
    assert.doesNotMatch(error.message, /\n|secret/);
    return true;
  });
}

const changed = (url: string, change: Partial<URL>): string => Object.assign(new URL(url), change).href;

let databases = 0;

const REVOKE = `REVOKE SUPER, READ_ONLY ADMIN ON *.* FROM 'plain'@'127.0.0.1'`;

async function withSchema(server: MysqlServer): Promise<{ readonly name: string; readonly url: string }> {
  const name = `connect_${++databases}`;
  const url = await server.createDatabase(name);
  await setUpSchema(url);
  return { name, url };
}

const claims: MysqlClaims = {
  'who cannot get in is told why, in one line': async (_t, server) => {
    const { url } = await withSchema(server);
    const port = await freePortBlock([0]);
    await server.query(`CREATE USER 'nobody'@'127.0.0.1' IDENTIFIED BY 'secret'`);
    await isRefused(changed(url, { password: 'secret' }), 'refused', /does not let this user in from here/);
    await isRefused(changed(url, { username: 'stranger' }), 'refused', /check user, password and host/);
    await isRefused(
      changed(url, { username: 'nobody', password: 'secret' }),
      'refused',
      /does not give this user the rights/,
    );
    await isRefused(changed(url, { pathname: '/elsewhere' }), 'refused', /does not exist: check its name, or run/);
    await isRefused(changed(url, { port: String(port) }), 'unavailable', /cannot be reached: check that it runs/);
    await isRefused(changed(url, { hostname: 'no-such-host.invalid' }), 'unavailable', /has a host that is not known/);
  },

  'a server that takes no more connections is said to be busy': async (t, server) => {
    const { url } = await withSchema(server);
    await server.query(`CREATE USER 'many'@'127.0.0.1'; GRANT ALL ON \`connect_%\`.* TO 'many'@'127.0.0.1'`);
    await server.query('SET GLOBAL max_connections = 10');
    const held: Connection[] = [];
    t.after(async () => {
      for (const connection of held) connection.destroy();
      await until(() => server.query('SET GLOBAL max_connections = 151'), { what: 'there is room', withinMs: 10_000 });
    });
    // Those of others that are still closing have their places for a moment.
    const areAllHeld = async (): Promise<boolean> => {
      held.push(await createConnection({ host: '127.0.0.1', port: server.port, user: 'many' }));
      return held.length === 10;
    };
    await until(areAllHeld, { what: 'all places are taken', withinMs: 10_000 });
    await isRefused(
      changed(url, { username: 'many' }),
      'unavailable',
      /takes no more connections: raise max_connections/,
    );
  },

  'a connection is encrypted as it is asked for, or not made': async (_t, server) => {
    const { url } = await withSchema(server);
    if (server.kind === 'mariadb') return isRefused(`${url}?sslmode=require`, 'refused', /speaks no TLS: switch it on/);
    await (await open(`${url}?sslmode=require`)).close();
    return isRefused(`${url}?sslmode=verify-full`, 'refused', /certificate that is not trusted/);
  },

  'of several hosts the first that answers is taken': async (_t, server) => {
    const { url } = await withSchema(server);
    const port = await freePortBlock([0]);
    const store = await open(url.replace('@', `@127.0.0.1:${port},`));
    await commit(store, await acquireShard(store), runWrite(keyOf('w')));
    await store.close();
  },

  'a host that has become read-only is left for one that takes writes, by reads too': async (t, server) => {
    const { name, url } = await withSchema(server);
    const heir = await startMysqlServer({ kind: server.kind });
    t.after(() => heir.stop());
    await setUpSchema(await heir.createDatabase(name));
    for (const one of [server, heir]) {
      await one.query(`CREATE USER 'plain'@'127.0.0.1'; GRANT ALL ON *.* TO 'plain'@'127.0.0.1'`);
      await one.query(
        server.kind === 'mysql' ? `REVOKE SUPER, CONNECTION_ADMIN ON *.* FROM 'plain'@'127.0.0.1'` : REVOKE,
      );
    }
    const store = await open(url.replace('root@', 'plain@').replace('/connect', `,127.0.0.1:${heir.port}/connect`));
    await commit(store, await acquireShard(store), runWrite(keyOf('w')));
    await server.query('SET GLOBAL read_only = 1');
    t.after(() => server.query('SET GLOBAL read_only = 0'));
    // It holds other data here, where a real one would hold the same.
    assert.equal((await acquireShard(store)).rangeId, 1);
    assert.equal(await store.executions.readRun(keyOf('w')), undefined);
    await store.close();
  },

  'a schema is set up once, step by step, also where its database is missing': async (_t, server) => {
    const tool = await openSchemaTool(server.url('fresh-`database'), { clock: systemClock });
    assert.equal((await tool.status()).state, 'absent');
    const steps: number[] = [];
    await Promise.all([tool.update((step) => steps.push(step)), tool.update((step) => steps.push(step))]);
    const { state, version, target } = await tool.status();
    assert.deepEqual([state, version, steps], ['current', target, Array.from({ length: target }, (_, i) => i + 1)]);
    await tool.close();
  },

  'an update that was cut short goes on where it stopped': async (_t, server) => {
    const { name, url } = await withSchema(server);
    await server.query('UPDATE duramesh_schema SET version = 0; DROP TABLE visibility, task_queue_configs', name);
    await isRefused(url, 'schema', /was cut short: run duramesh schema update/);
    await setUpSchema(url);
    const store = await open(url);
    await commit(store, await acquireShard(store), runWrite(keyOf('w')));
    await store.close();
  },

  'a schema that is not this server’s is said, and refused by the server and by the tool': async (_t, server) => {
    const { name, url } = await withSchema(server);
    const tool = await openSchemaTool(url, { clock: systemClock });
    for (const [change, state, message] of [
      [
        'UPDATE duramesh_schema SET version = 99, begun = 99',
        'newer',
        /version 99, this server knows \d+: start a newer/,
      ],
      ['UPDATE duramesh_schema SET version = 2, begun = 2; DROP TABLE leases', 'damaged', /lacks the tables leases/],
      ['DROP TABLE duramesh_schema', 'foreign', /belongs to another program/],
    ] as const) {
      await server.query(change, name);
      assert.equal((await tool.status()).state, state);
      await isRefused(url, 'schema', message);
      await assert.rejects(
        tool.update(() => {}),
        message,
      );
    }
    await server.query('DROP DATABASE ' + name);
    await server.createDatabase(name);
    await isRefused(url, 'schema', /has no schema yet: run duramesh schema setup/);
    await tool.close();
  },

  'what is larger than a packet is unknown, what is only together so is split': async (t, server) => {
    await server.query('SET GLOBAL max_allowed_packet = 1048576');
    t.after(() => server.query('SET GLOBAL max_allowed_packet = 16777216'));
    const { url } = await withSchema(server);
    const store = await open(url);
    const lease = await acquireShard(store);
    const sized = (id: string, size: number) =>
      store.executions.commit(write(lease, runWrite(keyOf(id), { info: new Uint8Array(size) })));
    const ids = Array.from({ length: 12 }, (_, i) => `w-${i}`);
    const outcomes = await Promise.all([
      ...ids.map((id) => sized(id, 200_000)),
      sized('large', 700_000),
      sized('z', 9),
    ]);
    assert.deepEqual(outcomes, [...ids.map(() => 'committed'), 'unknown', 'committed']);
    await store.close();
  },
};

/** MariaDB only: MySQL 8.0 ends itself when its tablespace can grow no more. */
const fullClaims: MysqlClaims = {
  'a full disk makes commits unknown and says why, while reads go on': async (_t, server) => {
    const { url } = await withSchema(server);
    const faults: unknown[] = [];
    const error = (fields: { readonly err?: unknown }): void => void faults.push(fields.err);
    const store = await openStore(url, { clock: systemClock, logger: { ...silent, error } });
    const lease = await acquireShard(store);
    const big = (id: string) =>
      store.executions.commit(write(lease, runWrite(keyOf(id), { info: new Uint8Array(6_000_000) })));
    let filled = 0;
    while ((await big(`w-${filled}`)) === 'committed') filled += 1;
    const [fault] = faults;
    assert.ok(fault instanceof StoreFault && fault.code === 'full' && filled > 1);
    assert.match(fault.message, /cannot grow, its disk is full: free some space/);
    assert.equal((await store.executions.readRun(keyOf('w-0')))?.info.byteLength, 6_000_000);
    await store.close();
  },
};

for (const kind of ['mariadb', 'mysql'] as const) onMysqlServer({ kind }, claims);
onMysqlServer(
  {
    kind: 'mariadb',
    settings: { 'innodb-file-per-table': 0, 'innodb-data-file-path': 'ibdata1:12M:autoextend:max:48M' },
  },
  fullClaims,
);
