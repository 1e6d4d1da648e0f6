import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type CommitResult, type Lease, openStore, type Store, StoreFault } from '@duramesh/persistence';
import type { Logger } from '@duramesh/runtime';
import { systemClock } from '@duramesh/runtime/system';
import { createConnection } from 'mysql2/promise';
import type { MysqlServer } from '../../support/mysql-server.ts';
import { startTcpProxy } from '../../support/tcp-proxy.ts';
import { until } from '../../support/until.ts';
import { type MysqlClaims, onMysqlServer, setUpSchema } from './mysql.ts';
import { acquireShard, bytes, commit, keyOf, runWrite, write } from './rows.ts';

const WITHIN_MS = 20_000;

/** What a store says while it works, for tests that have to know how far it has come. */
class Log implements Logger {
  readonly lines: { readonly fields: { readonly err?: unknown }; readonly message: string }[] = [];
  readonly debug = (fields: object, message: string): void => void this.lines.push({ fields, message });
  readonly info = this.debug;
  readonly warn = this.debug;
  readonly error = this.debug;
  readonly child = (): Logger => this;

  get triedAgain(): boolean {
    return this.lines.some(({ message }) => message.includes('tried again'));
  }

  /** The faults of commits that were given up. */
  get faults(): readonly StoreFault[] {
    return this.lines.flatMap(({ fields }) => (fields.err instanceof StoreFault ? [fields.err] : []));
  }
}

interface Scene {
  readonly server: MysqlServer;
  readonly database: string;
  readonly store: Store;
  readonly log: Log;
  readonly lease: Lease;
  /** Opens a second store on the same database. */
  readonly other: () => Promise<Store>;
  readonly sql: (text: string) => Promise<readonly Record<string, unknown>[]>;
}

interface SceneOptions {
  /** Where the store finds the server, if not at its own port. */
  readonly port?: number;
  /** Further parameters of the store's URL. */
  readonly parameters?: string;
  readonly user?: string;
}

let scenes = 0;

async function scene(
  t: TestContext,
  server: MysqlServer,
  { port, user, parameters = '' }: SceneOptions = {},
): Promise<Scene> {
  const database = `faults_${++scenes}`;
  await setUpSchema(await server.createDatabase(database));
  const log = new Log();
  const opened: Store[] = [];
  const open = async (url: string): Promise<Store> => {
    const store = await openStore(url, { clock: systemClock, logger: log });
    opened.push(store);
    return store;
  };
  t.after(async () => {
    for (const store of opened) await store.close();
  });
  const url = new URL(server.url(database));
  url.port = String(port ?? server.port);
  url.username = user ?? url.username;
  url.search = parameters;
  const store = await open(url.href);
  const lease = await acquireShard(store);
  return {
    server,
    database,
    store,
    log,
    lease,
    other: () => open(server.url(database)),
    sql: (text) => server.query(text, database),
  };
}

const versionOf = async (store: Store, id: string): Promise<number> =>
  (await store.executions.readRun(keyOf(id)))?.version ?? 0;

/** Another program, whose transaction keeps its locks until it ends. */
async function withProgram(
  { server, database }: Scene,
  use: (run: (text: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const connection = await createConnection({
    host: '127.0.0.1',
    port: server.port,
    user: 'root',
    database,
    multipleStatements: true,
  });
  try {
    await use((text) => connection.query(text));
  } finally {
    connection.destroy();
  }
}

/** The id of the connection that runs a statement with this text, once there is one. */
const connectionThat = ({ sql }: Scene, text: string): Promise<number> =>
  until(
    async () => {
      const rows = await sql(`SELECT ID AS id FROM information_schema.PROCESSLIST
        WHERE INFO LIKE '%${text}%' AND ID <> CONNECTION_ID()`);
      return Number(rows[0]?.['id'] ?? 0);
    },
    { what: `a statement with ${text} is under way`, withinMs: WITHIN_MS },
  );

const claims: MysqlClaims = {
  'a commit whose answer is lost is unknown and has landed, one that is lost itself has not': async (t, server) => {
    const proxy = await startTcpProxy(server.port);
    t.after(() => proxy.close());
    const { store, lease, other } = await scene(t, server, { port: proxy.port });
    const outcomes: CommitResult[] = [];
    for (const fate of ['lose the answer', 'lose'] as const) {
      proxy.judge((sent) => (sent.includes(';COMMIT') ? fate : 'pass'));
      outcomes.push(await store.executions.commit(write(lease, runWrite(keyOf(fate)))));
      proxy.judge(() => 'pass');
    }
    assert.deepEqual(outcomes, ['unknown', 'unknown']);
    // A new lease waits for what is under way: afterwards nothing can land any more.
    const next = await acquireShard(await other());
    assert.equal(await versionOf(store, 'lose the answer'), 1);
    assert.equal(await versionOf(store, 'lose'), 0);
    assert.equal(await store.executions.commit(write(lease, runWrite(keyOf('late')))), 'fenced');
    await commit(store, next, runWrite(keyOf('after')));
  },

  'a connection that is cut before a commit was sent costs nothing but a second try': async (t, server) => {
    const proxy = await startTcpProxy(server.port);
    t.after(() => proxy.close());
    const { store, lease } = await scene(t, server, { port: proxy.port });
    await commit(store, lease, runWrite(keyOf('w')));
    proxy.cut();
    await commit(store, lease, runWrite(keyOf('w'), { expectedVersion: 1 }));
    proxy.cut();
    assert.equal(await versionOf(store, 'w'), 2);
    proxy.judge((sent) => {
      if (!sent.includes('LOCK IN SHARE MODE')) return 'pass';
      proxy.judge(() => 'pass');
      return 'lose the answer';
    });
    await commit(store, lease, runWrite(keyOf('w'), { expectedVersion: 2 }));
  },

  'a connection that is reset under a read is not used again': async (t, server) => {
    const proxy = await startTcpProxy(server.port);
    t.after(() => proxy.close());
    const { store, lease } = await scene(t, server, { port: proxy.port });
    await commit(store, lease, runWrite(keyOf('w')));
    for (let round = 0; round < 3; round++) {
      assert.equal(await versionOf(store, 'w'), 1);
      proxy.judge(() => {
        proxy.judge(() => 'pass');
        proxy.reset();
        return 'pass';
      });
      assert.equal(await versionOf(store, 'w'), 1);
    }
  },

  'a connection that is killed while it waits for a lock costs nothing but a second try': async (t, server) => {
    const here = await scene(t, server);
    await withProgram(here, async (run) => {
      await run(`START TRANSACTION; SELECT * FROM leases FOR UPDATE`);
      const result = here.store.executions.commit(write(here.lease, runWrite(keyOf('w'))));
      await here.sql(`KILL ${await connectionThat(here, 'LOCK IN SHARE MODE')}`);
      await until(() => here.log.triedAgain, { what: 'the commit is tried again', withinMs: WITHIN_MS });
      await run('ROLLBACK');
      assert.equal(await result, 'committed');
    });
    assert.equal(await versionOf(here.store, 'w'), 1);
  },

  'a connection that is killed in the middle of COMMIT makes it unknown, until a new lease tells': async (
    t,
    server,
  ) => {
    // Only MariaDB can hold up a COMMIT for others.
    if (server.kind === 'mysql') return;
    const here = await scene(t, server);
    await commit(here.store, here.lease, runWrite(keyOf('earlier')));
    await withProgram(here, async (run) => {
      await run('BACKUP STAGE START; BACKUP STAGE BLOCK_COMMIT');
      const result = here.store.executions.commit(write(here.lease, runWrite(keyOf('w'))));
      await here.sql(`KILL ${await connectionThat(here, 'COMMIT')}`);
      assert.equal(await result, 'unknown');
      await run('BACKUP STAGE END');
    });
    const next = await acquireShard(here.store);
    const version = await versionOf(here.store, 'w');
    await commit(here.store, next, runWrite(keyOf('w'), { expectedVersion: version }));
  },

  'a server that hangs is given up in time, and what it was sent is tried again': async (t, server) => {
    const here = await scene(t, server, { parameters: 'statement_timeout_ms=300&connect_timeout_ms=300' });
    await commit(here.store, here.lease, runWrite(keyOf('w')));
    await server.kill('SIGSTOP');
    t.after(() => server.kill('SIGCONT'));
    const result = here.store.executions.commit(write(here.lease, runWrite(keyOf('w'), { expectedVersion: 1 })));
    const read = versionOf(here.store, 'w');
    await until(() => here.log.triedAgain, { what: 'the commit is tried again', withinMs: WITHIN_MS });
    await server.kill('SIGCONT');
    assert.equal(await result, 'committed');
    assert.ok((await read) > 0);
    assert.equal(await versionOf(here.store, 'w'), 2);
  },

  'a commit that is chosen as the victim of a deadlock is tried again, and so are its neighbours': async (
    t,
    server,
  ) => {
    const here = await scene(t, server);
    await commit(here.store, here.lease, runWrite(keyOf('w')));
    await here.sql('CREATE TABLE weight (a INT PRIMARY KEY)');
    await withProgram(here, async (run) => {
      // Who has changed more rows survives.
      await run(
        `START TRANSACTION; INSERT INTO weight VALUES ${Array.from({ length: 500 }, (_, i) => `(${i})`).join()}`,
      );
      await run('SELECT * FROM executions FOR UPDATE');
      const results = Promise.all([
        here.store.executions.commit(write(here.lease, runWrite(keyOf('w'), { expectedVersion: 1 }))),
        here.store.executions.commit(write(here.lease, runWrite(keyOf('x')))),
      ]);
      await connectionThat(here, 'FOR UPDATE');
      await run(`UPDATE leases SET member_id = 'other'`);
      await until(() => here.log.triedAgain, { what: 'the commit is tried again', withinMs: WITHIN_MS });
      await run('COMMIT');
      assert.deepEqual(await results, ['committed', 'committed']);
    });
  },

  'a lock that is held for too long makes a commit unknown, and the next one goes on': async (t, server) => {
    const here = await scene(t, server);
    await withProgram(here, async (run) => {
      await run('START TRANSACTION; SELECT * FROM leases FOR UPDATE');
      assert.equal(await here.store.executions.commit(write(here.lease, runWrite(keyOf('w')))), 'unknown');
    });
    assert.match(here.log.faults[0]?.message ?? '', /keeps a row locked for too long/);
    assert.equal(await versionOf(here.store, 'w'), 0);
    await commit(here.store, here.lease, runWrite(keyOf('w')));
  },

  'a server that is read-only for a while delays commits, and one that stays so says it': async (t, server) => {
    await server.query(
      `CREATE USER IF NOT EXISTS 'plain'@'127.0.0.1'; GRANT ALL ON \`faults_%\`.* TO 'plain'@'127.0.0.1'`,
    );
    const here = await scene(t, server, { user: 'plain' });
    const { store, lease } = here;
    await server.query('SET GLOBAL read_only = 1');
    t.after(() => server.query('SET GLOBAL read_only = 0'));
    const result = store.executions.commit(write(lease, runWrite(keyOf('w'))));
    await until(() => here.log.triedAgain, { what: 'the commit is tried again', withinMs: WITHIN_MS });
    await server.query('SET GLOBAL read_only = 0');
    assert.equal(await result, 'committed');
    await server.query('SET GLOBAL read_only = 1');
    await assert.rejects(store.leases.acquire('history', [1], 'm'), /is read-only: name the primary server/);
    assert.equal(await versionOf(store, 'w'), 1);
  },

  'what the database refuses of one write is thrown to its caller and leaves its neighbours alone': async (
    t,
    server,
  ) => {
    const { store, lease } = await scene(t, server);
    const batch = { firstEventId: 1, lastEventId: 1, data: bytes(1) };
    await commit(store, lease, runWrite(keyOf('b'), { history: [batch] }));
    const results = await Promise.allSettled([
      store.executions.commit(write(lease, runWrite(keyOf('a')))),
      store.executions.commit(write(lease, runWrite(keyOf('b'), { expectedVersion: 1, history: [batch] }))),
      store.executions.commit(write(lease, runWrite(keyOf('c'), { history: [batch, batch] }))),
      store.executions.commit(write(lease, runWrite(keyOf('d')))),
    ]);
    assert.deepEqual(
      results.map((result) => result.status),
      ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(await Promise.all(['a', 'b', 'c', 'd'].map((id) => versionOf(store, id))), [1, 1, 0, 1]);
  },

  'a server that is killed under load keeps every acknowledged commit whole, and the store goes on': async (
    t,
    server,
  ) => {
    const { store, lease } = await scene(t, server);
    const outcomes = new Map<string, CommitResult>();
    let isOver = false;
    const writers = Array.from({ length: 16 }, async (_, writer) => {
      for (let i = 0; !isOver; i++) {
        const id = `w-${writer}-${i}`;
        const history = [{ firstEventId: 1, lastEventId: 2, data: new Uint8Array(500) }];
        const upserts = [{ kind: 1, key: 'a', data: bytes(1) }];
        outcomes.set(id, await store.executions.commit(write(lease, runWrite(keyOf(id), { history, upserts }))));
      }
    });
    const enough = (count: number) => () => outcomes.size > count;
    await until(enough(300), { what: 'there is load', withinMs: WITHIN_MS });
    await server.kill('SIGKILL');
    await server.restart();
    await until(enough(outcomes.size + 100), { what: 'the store goes on', withinMs: WITHIN_MS });
    isOver = true;
    await Promise.all(writers);
    for (const [id, outcome] of outcomes) {
      const run = await store.executions.readRun(keyOf(id));
      const range = { fromEventId: 1, untilEventId: 9, maxBatches: 9 };
      const parts = [run?.items.length ?? 0, (await store.executions.readHistory(keyOf(id), range)).length];
      if (outcome === 'committed') assert.deepEqual([id, ...parts], [id, 1, 1]);
      else assert.ok(outcome === 'unknown' && parts[0] === parts[1], `${id} is ${outcome}: ${parts.join()}`);
    }
    assert.deepEqual(await store.inspection.orphans(10), []);
  },
};

for (const kind of ['mariadb', 'mysql'] as const) onMysqlServer({ kind, fsync: true }, claims);
