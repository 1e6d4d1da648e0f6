import type { SchemaStatus, SchemaTool } from '../api/schema.ts';
import { StoreFault } from '../api/store.ts';
import type { DatabaseUrl } from '../database-url.ts';
import type { Connection } from './connect.ts';
import { type Found, judge, migrations, SCHEMA_VERSION, VERSION_TABLE } from './schema.ts';

const USUAL_REPLICAS = 3;

/** Looks at a keyspace from outside, so that it need not be there. */
export class CassandraSchemaTool implements SchemaTool {
  readonly #connection: Connection;
  readonly #url: DatabaseUrl;
  readonly #datacenter: string;
  readonly #keyspace: string;

  constructor(connection: Connection, { url, datacenter }: { readonly url: DatabaseUrl; readonly datacenter: string }) {
    this.#connection = connection;
    this.#datacenter = datacenter;
    this.#url = url;
    this.#keyspace = quoted(url.database);
  }

  async status(): Promise<SchemaStatus> {
    return judge(await this.#look(), this.#url.shown);
  }

  async update(onStep: (version: number) => void): Promise<void> {
    const { state, version, advice } = await this.status();
    if (state === 'current') return;
    if (state === 'newer' || state === 'damaged' || state === 'foreign') throw new StoreFault('schema', advice);
    if (state === 'absent') await this.#createKeyspace();
    for (let next = version + 1; next <= SCHEMA_VERSION; next++) {
      await this.#mark('begun', next);
      for (const statement of migrations[next - 1] ?? []) await this.#connection.define(this.#qualified(statement));
      await this.#mark('done', next);
      onStep(next);
    }
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async #look(): Promise<Found> {
    const values = [this.#url.database];
    const keyspaces = await this.#connection.read({
      query: 'SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?',
      values,
    });
    if (keyspaces.length === 0) return { tables: undefined, versions: undefined };
    const rows = await this.#connection.read<{ readonly table_name: string }>({
      query: 'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?',
      values,
    });
    const tables = rows.map((row) => row.table_name);
    if (!tables.includes(VERSION_TABLE)) return { tables, versions: undefined };
    const [versions] = await this.#connection.read<{ readonly done: number | null; readonly begun: number | null }>({
      query: `SELECT done, begun FROM ${this.#keyspace}.${VERSION_TABLE} WHERE id = ?`,
      values: [VERSION_TABLE],
    });
    return { tables, versions: versions && { done: versions.done ?? 0, begun: versions.begun ?? 0 } };
  }

  async #createKeyspace(): Promise<void> {
    const datacenter = this.#datacenter;
    const nodes = this.#connection.nodes().filter((node) => node.datacenter === datacenter);
    const given = this.#url.own.get('replication');
    const replicas = given ?? String(Math.min(USUAL_REPLICAS, Math.max(1, nodes.length)));
    if (!/^[1-9]\d?$/.test(replicas)) {
      throw new StoreFault(
        'refused',
        `replication in the URL of the database must be a small number, not '${replicas}'`,
      );
    }
    await this.#connection.define(
      `CREATE KEYSPACE IF NOT EXISTS ${this.#keyspace} WITH replication =
        {'class': 'NetworkTopologyStrategy', '${datacenter.replaceAll("'", "''")}': ${replicas}}`,
    );
    await this.#connection.define(
      `CREATE TABLE IF NOT EXISTS ${this.#keyspace}.${VERSION_TABLE} (id text PRIMARY KEY, done int, begun int)`,
    );
  }

  /** The larger version is the later mark, whatever clocks say. */
  async #mark(column: 'begun' | 'done', version: number): Promise<void> {
    const query = `UPDATE ${this.#keyspace}.${VERSION_TABLE} USING TIMESTAMP ? SET ${column} = ? WHERE id = ?`;
    await this.#connection.write([{ query, values: [BigInt(version), version, VERSION_TABLE] }]);
  }

  #qualified(statement: string): string {
    return statement.replace(/^CREATE TABLE IF NOT EXISTS /, `$&${this.#keyspace}.`);
  }
}

function quoted(keyspace: string): string {
  if (/^\w{1,48}$/.test(keyspace)) return `"${keyspace}"`;
  throw new StoreFault('refused', `'${keyspace}' is no name of a keyspace: use letters, digits and _, 48 at most`);
}
