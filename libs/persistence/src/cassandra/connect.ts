import { auth, Client, type ClientOptions, type Host, policies, types } from 'cassandra-driver';
import type { Clock } from '@duramesh/runtime';
import { type StoreStats, StoreFault } from '../api/store.ts';
import type { DatabaseUrl, DatabaseUrlRules } from '../database-url.ts';
import { isPassing, isUnsent, isWithoutConnection, toFault } from './errors.ts';
import { searchOnceAtATime } from './node-search.ts';
import { Slots } from './slots.ts';

const { localQuorum, localSerial } = types.consistencies;

/** Requests of one process under way at once. */
const MAX_UNDER_WAY = 128;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;
/** How long a node that went away is left alone before it is tried again. */
const RECONNECT_MS = { first: 50, longest: 2_000 };
/** So long without a connection the driver has given up: it should have tried twice. */
const GIVEN_UP_MS = 5_000;

export const urlRules: DatabaseUrlRules = {
  schemes: ['cassandra'],
  defaultPort: 9042,
  defaultPoolSize: 2,
  own: ['datacenter', 'replication'],
};

/** One statement with the values it takes, in order. Queries are constants: each is prepared once. */
export interface Statement {
  readonly query: string;
  readonly values: readonly unknown[];
}

/** What became of a conditional batch: nothing of a refused or unsent one is stored; of a lost one everything or nothing. */
export type BatchResult = 'applied' | 'refused' | 'unsent' | 'lost';

export interface ConnectionOptions {
  readonly clock: Clock;
  /** Whose nodes are asked; all are, when left out, which is good for looking around only. */
  readonly datacenter?: string;
  /** None, to look at keyspaces from outside. */
  readonly keyspace?: string;
}

export interface Node {
  /** Such as `5.0.6`. */
  readonly release: string;
  readonly datacenter: string;
}

/** The pooled connections of this process to one keyspace. */
export class Connection {
  readonly stats: StoreStats = { commits: 0, statements: 0, rowsWritten: 0, bytesWritten: 0, reads: 0 };
  /** For people, without secrets. */
  readonly shown: string;
  readonly clock: Clock;
  readonly #options: ClientOptions;
  #client: Client;
  readonly #patienceMs: number;
  readonly #slots = new Slots(MAX_UNDER_WAY);
  readonly #lostHosts = new Set<Host>();
  /** When requests began to find no connection. */
  #withoutSinceMs: number | undefined;
  #renewal: Promise<void> | undefined;
  #isClosed = false;

  private constructor(client: Client, options: ClientOptions, { url, clock }: { url: DatabaseUrl; clock: Clock }) {
    this.#options = options;
    this.shown = url.shown;
    this.clock = clock;
    this.#patienceMs = url.statementTimeoutMs;
    this.#client = this.#watched(client);
  }

  /** @throws StoreFault that says what to do about it */
  static async open(url: DatabaseUrl, { clock, datacenter, keyspace }: ConnectionOptions): Promise<Connection> {
    const options = clientOptions(url, datacenter, keyspace);
    const client = new Client(options);
    try {
      await client.connect();
      return new Connection(client, options, { url, clock });
    } catch (error) {
      await client.shutdown();
      throw toFault(error, url.shown);
    }
  }

  /** Those of the cluster that were found. */
  nodes(): readonly Node[] {
    return this.#client.hosts.values().map((host) => ({ release: host.cassandraVersion, datacenter: host.datacenter }));
  }

  /** Rows are read at a quorum of the datacenter, all at once, and again while the cluster falters. @throws StoreFault */
  async read<Row>(statement: Statement): Promise<readonly Row[]> {
    this.stats.reads += 1;
    const result = await this.#patiently(statement, { consistency: localQuorum, fetchSize: 0 });
    return rowsOf<Row>(result);
  }

  /** Sees every conditional batch that was accepted before, and brings one that was left half-way to its end. */
  async readSerial<Row>(statement: Statement): Promise<readonly Row[]> {
    this.stats.reads += 1;
    const result = await this.#patiently(statement, { consistency: localSerial, fetchSize: 0 });
    return rowsOf<Row>(result);
  }

  /** As many rows as fit a page, and where the next page begins. */
  async readPage<Row>(
    statement: Statement,
    page: { readonly limit: number; readonly from: string | undefined },
  ): Promise<{ readonly rows: readonly Row[]; readonly next: string | undefined }> {
    this.stats.reads += 1;
    const { limit, from } = page;
    const paging = { consistency: localQuorum, fetchSize: limit, ...(from !== undefined && { pageState: from }) };
    const result = await this.#patiently(statement, paging);
    return { rows: rowsOf<Row>(result), next: result.pageState ?? undefined };
  }

  /** Rows whose repetition is harmless, in no order; tried again while the cluster falters. @throws StoreFault */
  async write(statements: readonly Statement[]): Promise<void> {
    await Promise.all(statements.map((statement) => this.#patiently(statement, { consistency: localQuorum })));
  }

  /** Rows of one partition whose repetition is harmless, so many in a request. @throws StoreFault */
  async writeTogether(statements: readonly Statement[], chunk: number): Promise<void> {
    for (let from = 0; from < statements.length; from += chunk) {
      await this.#patiently(statements.slice(from, from + chunk), { consistency: localQuorum, logged: false });
    }
  }

  /** Conditions and rows of one partition, all or nothing. Never sent twice. @throws StoreFault where the server refuses the statements themselves */
  async conditional(statements: readonly Statement[]): Promise<BatchResult> {
    this.#assertOpen();
    this.stats.statements += 1;
    try {
      const options = { prepare: true, consistency: localQuorum, serialConsistency: localSerial };
      const result = await this.#slots.run(() => this.#request(statements, options));
      if (!result.wasApplied()) return 'refused';
      this.stats.commits += 1;
      return 'applied';
    } catch (error) {
      if (isUnsent(error)) return 'unsent';
      if (isPassing(error)) return 'lost';
      throw toFault(error, this.shown);
    }
  }

  /** Changes the schema. @throws StoreFault */
  async define(query: string): Promise<void> {
    await this.#patiently({ query, values: [] }, { prepare: false });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#forgetReplaced();
    await this.#renewal;
    await this.#client.shutdown();
  }

  #watched(client: Client): Client {
    searchOnceAtATime(client, this.clock);
    client.on('hostDown', (host: Host) => this.#lostHosts.add(host));
    client.on('hostAdd', () => this.#forgetReplaced());
    client.on('hostUp', () => this.#forgetReplaced());
    return client;
  }

  /** When all nodes were away, the driver begins with new hosts, and forgets to stop the old ones from reconnecting. */
  #forgetReplaced(): void {
    for (const host of this.#lostHosts) {
      if (this.#client.hosts.get(host.address) === host) continue;
      this.#lostHosts.delete(host);
      if ('shutdown' in host && typeof host.shutdown === 'function') host.shutdown(false);
    }
  }

  async #request(what: Statement | readonly Statement[], options: object): Promise<types.ResultSet> {
    const client = this.#client;
    try {
      const result =
        'query' in what
          ? await client.execute(what.query, [...what.values], options)
          : await client.batch(batchOf(what), options);
      this.#withoutSinceMs = undefined;
      return result;
    } catch (error) {
      if (isWithoutConnection(error) && client === this.#client) this.#noteWithout();
      throw error;
    }
  }

  /**
   * After a node was killed under load the driver may think it is there, have no connection, and try for none: such a client
   * never comes back, so another one takes its place.
   */
  #noteWithout(): void {
    const now = this.clock.monotonicMs();
    this.#withoutSinceMs ??= now;
    if (now - this.#withoutSinceMs < GIVEN_UP_MS) return;
    this.#renewal ??= this.#renew().finally(() => (this.#renewal = undefined));
  }

  async #renew(): Promise<void> {
    const client = new Client(this.#options);
    try {
      await client.connect();
    } catch {
      // The next request that finds no connection tries again.
      return client.shutdown();
    }
    const former = this.#client;
    this.#client = this.#watched(client);
    this.#withoutSinceMs = undefined;
    await former.shutdown();
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StoreFault('unavailable', `the store ${this.shown} was closed`);
  }

  async #patiently(what: Statement | readonly Statement[], options: object): Promise<types.ResultSet> {
    const startedAt = this.clock.monotonicMs();
    const all = { prepare: true, isIdempotent: true, ...options };
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      this.#assertOpen();
      this.stats.statements += 1;
      try {
        return await this.#slots.run(() => this.#request(what, all));
      } catch (error) {
        const isLate = this.clock.monotonicMs() - startedAt >= this.#patienceMs;
        if (isLate || !isPassing(error)) throw toFault(error, this.shown);
      }
      await this.clock.sleep(pauseMs);
    }
  }
}

// The columns a query names are the shape its caller expects.
const rowsOf = <Row>(result: types.ResultSet): readonly Row[] => (result.rows ?? []) as unknown as readonly Row[];

const batchOf = (statements: readonly Statement[]) =>
  statements.map(({ query, values }) => ({ query, params: [...values] }));

function clientOptions(url: DatabaseUrl, datacenter: string | undefined, keyspace: string | undefined): ClientOptions {
  const { loadBalancing, reconnection } = policies;
  const [{ port }] = url.hosts;
  return {
    contactPoints: url.hosts.map(({ host, port: own }) => (host.includes(':') ? `[${host}]:${own}` : `${host}:${own}`)),
    ...(datacenter !== undefined && { localDataCenter: datacenter }),
    protocolOptions: { port },
    ...(keyspace !== undefined && { keyspace }),
    ...(url.user !== undefined && { authProvider: new auth.PlainTextAuthProvider(url.user, url.password ?? '') }),
    ...(url.tls.mode !== 'disable' && { sslOptions: tlsOptions(url) }),
    encoding: { map: Map, useBigIntAsLong: true, useUndefinedAsUnset: true },
    // Where order matters it is told by stamps; elsewhere the servers' clocks are meant.
    policies: {
      timestampGeneration: null as unknown as policies.timestampGeneration.TimestampGenerator,
      ...(datacenter === undefined && { loadBalancing: new loadBalancing.RoundRobinPolicy() }),
      reconnection: new reconnection.ExponentialReconnectionPolicy(RECONNECT_MS.first, RECONNECT_MS.longest),
    },
    pooling: {
      coreConnectionsPerHost: { [types.distance.local]: url.poolSize },
      warmup: true,
    },
    socketOptions: { connectTimeout: url.connectTimeoutMs, readTimeout: url.statementTimeoutMs },
    queryOptions: { prepare: true },
    isMetadataSyncEnabled: true,
  };
}

function tlsOptions({ tls, hosts }: DatabaseUrl): NonNullable<ClientOptions['sslOptions']> {
  const { mode, ca, cert, key } = tls;
  return {
    rejectUnauthorized: mode !== 'require',
    ...(mode === 'verify-full' && { servername: hosts[0].host }),
    ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
    ...(ca !== undefined && { ca: [ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}
