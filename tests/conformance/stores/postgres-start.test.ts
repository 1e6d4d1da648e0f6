import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { openSchemaTool, openStore, type SchemaState, type Store, StoreFault } from '@duramesh/persistence';
import { systemClock } from '@duramesh/runtime/system';
import { type PostgresServer, startPostgresServer } from '../../support/postgres-server.ts';
import { silent, temporaryFolder } from './drivers.ts';

let server: PostgresServer;

before(async () => {
  server = await startPostgresServer();
  await server.query(
    `CREATE ROLE asks LOGIN PASSWORD 'battery-staple'; CREATE ROLE looks LOGIN; CREATE ROLE ssl LOGIN`,
  );
  const rules = path.join(server.folder, 'data', 'pg_hba.conf');
  const own = 'host all asks 127.0.0.1/32 scram-sha-256\nhostssl all ssl 127.0.0.1/32 trust\nhost all ssl all reject\n';
  writeFileSync(rules, own + readFileSync(rules, 'utf8'));
  await server.query('SELECT pg_reload_conf()');
  await setUp('ready');
});
after(() => server.stop());

async function setUp(database: string): Promise<void> {
  const tool = await openSchemaTool(server.url(database), { clock: systemClock });
  await tool.update(() => {});
  await tool.close();
}

const readText = (file: string): string => readFileSync(file, 'utf8');
const open = (url: string, password?: string): Promise<Store> =>
  openStore(url, { clock: systemClock, logger: silent, secrets: { readText, password } });

/** One clear line, without the password. */
const fault = (code: StoreFault['code'], message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StoreFault, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(error.message, message);
  assert.doesNotMatch(error.message, /\n|correct-horse|battery-staple/);
  return true;
};
const urlOf = (user: string, database = 'ready'): string => server.url(database).replace('postgres@', `${user}@`);

test('a wrong or a missing password is refused, and the right one may come from outside', async () => {
  await assert.rejects(open(urlOf('asks:correct-horse')), fault('refused', /refuses the password: correct it/));
  await assert.rejects(open(urlOf('asks')), fault('refused', /asks for a password: set DURAMESH_DB_PASSWORD/));
  await server.query('GRANT ALL ON ALL TABLES IN SCHEMA public TO asks', 'ready');
  await (await open(urlOf('asks'), 'battery-staple')).close();
});

test('a host that nobody knows, or that nothing listens on, may be there later', { timeout: 60_000 }, async () => {
  const unknown = 'postgres://u@no-such-host.invalid/x?sslmode=disable';
  await assert.rejects(open(unknown), fault('unavailable', /host (?:that nobody knows|whose name cannot)/));
  await assert.rejects(open('postgres://u@127.0.0.1:1/x'), fault('unavailable', /cannot be reached: start it/));
});

test('a database that is not there is refused, and the schema tool makes it', async () => {
  await assert.rejects(
    open(server.url('fresh')),
    fault('refused', /does not exist: create it, or run duramesh schema/),
  );
  const tool = await openSchemaTool(server.url('fresh'), { clock: systemClock });
  assert.equal((await tool.status()).state, 'absent');
  const steps: number[] = [];
  await tool.update((step) => steps.push(step));
  const { state, target } = await tool.status();
  assert.equal(state, 'current');
  assert.deepEqual(
    steps,
    Array.from({ length: target }, (_, i) => i + 1),
  );
  await tool.update(() => assert.fail('there is nothing left to do'));
  await tool.close();
  await (await open(server.url('fresh'))).close();
});

test('two that set up a schema at once both succeed, and it is done once', async () => {
  const tools = await Promise.all([1, 2].map(() => openSchemaTool(server.url('twice'), { clock: systemClock })));
  await server.createDatabase('twice');
  const steps: number[] = [];
  await Promise.all(tools.map((tool) => tool.update((step) => steps.push(step))));
  assert.deepEqual(steps, [1, 2]);
  for (const tool of tools) await tool.close();
});

test('a user without rights on the tables is refused, with the tables by name', async () => {
  await server.query('GRANT SELECT ON ALL TABLES IN SCHEMA public TO looks', 'ready');
  await server.query('GRANT ALL ON leases, executions TO looks', 'ready');
  await assert.rejects(
    open(urlOf('looks')),
    fault('refused', /denies this user rights on backlog_tasks, cluster, (?!.*leases)/),
  );
});

test('a server and a URL that do not agree about TLS are refused with what to change', async () => {
  await assert.rejects(open(`${server.url('ready')}?sslmode=require`), fault('refused', /speaks no TLS: .*disable/));
  await assert.rejects(open(urlOf('ssl')), fault('refused', /refuses this user, from here or without TLS/));
});

test('a certificate is verified as the URL says', async (t) => {
  const folder = temporaryFolder(t);
  const [key, certificate] = ['key.pem', 'cert.pem'].map((name) => path.join(folder, name));
  assert.ok(key && certificate);
  const subject = ['-subj', '/CN=db.test', '-addext', 'subjectAltName=DNS:db.test'];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate];
  if (spawnSync('openssl', [...args, ...subject]).status !== 0)
    return t.skip('there is no openssl to make a certificate');
  const data = path.join(server.folder, 'data');
  for (const [from, to] of [
    [key, 'server.key'],
    [certificate, 'server.crt'],
  ] as const) {
    writeFileSync(path.join(data, to), readFileSync(from), { mode: 0o600 });
    if (process.getuid?.() === 0) execFileSync('chown', ['postgres', path.join(data, to)]);
  }
  await server.query('ALTER SYSTEM SET ssl = on');
  await server.query('SELECT pg_reload_conf()');
  const ready = server.url('ready');
  await (await open(`${ready}?sslmode=require`)).close();
  await (await open(`${ready}?sslmode=verify-ca&sslrootcert=${certificate}`)).close();
  await assert.rejects(open(`${ready}?sslmode=verify-ca`), fault('refused', /certificate that is not trusted/));
  await assert.rejects(
    open(`${ready}?sslmode=verify-full&sslrootcert=${certificate}`),
    fault('refused', /certificate for another host/),
  );
});

/** What is done to a database that is ready, what it is then, and how the server refuses it. */
const damages: readonly (readonly [change: string, state: SchemaState, refusal: RegExp])[] = [
  ['UPDATE duramesh_schema SET version = 99, begun = 99', 'newer', /schema version 99.*start a newer server/],
  [
    'UPDATE duramesh_schema SET version = 0',
    'partial',
    /being brought to schema version 2.*run duramesh schema update/,
  ],
  ['UPDATE duramesh_schema SET version = 0, begun = 0', 'absent', /no schema yet: run duramesh schema setup/],
  ['DROP TABLE history_batches', 'damaged', /lacks the tables history_batches: restore/],
  ['DROP TABLE duramesh_schema', 'foreign', /tables of another program/],
];

test('a schema that is not this one is told apart, refused by a server, and touched only where that helps', async () => {
  await assert.rejects(open(server.url('postgres')), fault('schema', /no schema yet: run duramesh schema setup/));
  for (const [i, [change, state, refusal]] of damages.entries()) {
    const database = `damaged_${i}`;
    await setUp(database);
    await server.query(change, database);
    await assert.rejects(open(server.url(database)), fault('schema', refusal));
    const tool = await openSchemaTool(server.url(database), { clock: systemClock });
    assert.equal((await tool.status()).state, state);
    if (state === 'newer' || state === 'damaged' || state === 'foreign') {
      await assert.rejects(
        tool.update(() => {}),
        fault('schema', refusal),
      );
    }
    await tool.close();
  }
});

test('a schema whose update was cut short is brought to its end', async () => {
  await server.createDatabase('cut');
  await server.query(
    `CREATE TABLE duramesh_schema (id int4 PRIMARY KEY, version int4 NOT NULL, begun int4 NOT NULL);
     INSERT INTO duramesh_schema VALUES (1, 0, 1)`,
    'cut',
  );
  const tool = await openSchemaTool(server.url('cut'), { clock: systemClock });
  assert.equal((await tool.status()).state, 'partial');
  await tool.update(() => {});
  assert.equal((await tool.status()).state, 'current');
  await tool.close();
  await (await open(server.url('cut'))).close();
});
