import { NamespaceRecord } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import type { ClusterFacts, ClusterStore, NamespaceStore } from '../api/namespace-store.ts';
import { StoreFault } from '../api/store.ts';
import { plain, type Sql } from '../sql/sql.ts';
import type { Database } from './connect.ts';
import { isDuplicate } from './errors.ts';
import { render, sql, type SqlValue, textIn } from './literals.ts';
import type { Writer } from './writer.ts';

type NamespaceResult = 'committed' | 'conflict' | 'unknown';

export class MysqlNamespaceStore implements NamespaceStore {
  readonly #database: Database;
  readonly #writer: Writer;

  constructor(database: Database, writer: Writer) {
    this.#database = database;
    this.#writer = writer;
  }

  async list(): Promise<readonly NamespaceRecord[]> {
    const rows = await this.#database.read<[Uint8Array]>(sql`SELECT record FROM namespaces ORDER BY id`);
    return rows.map(([record]) => NamespaceRecord.decode(record));
  }

  readById(id: string): Promise<NamespaceRecord | undefined> {
    return this.#read(sql`id = ${id}`);
  }

  readByName(name: string): Promise<NamespaceRecord | undefined> {
    return this.#read(sql`name = ${name}`);
  }

  create(record: NamespaceRecord): Promise<NamespaceResult> {
    const { id, name, version } = record;
    const bytes = NamespaceRecord.encode(record);
    return this.#write(
      sql`INSERT INTO namespaces (id, name, version, record) VALUES (${id}, ${name}, ${version}, ${bytes})`,
    );
  }

  update(record: NamespaceRecord): Promise<NamespaceResult> {
    const { id, name, version } = record;
    const bytes = NamespaceRecord.encode({ ...record, version: version + 1 });
    return this.#write(
      sql`UPDATE namespaces SET name = ${name}, version = ${version + 1}, record = ${bytes}
        WHERE id = ${id} AND version = ${version}`,
    );
  }

  async delete(id: string): Promise<'committed' | 'unknown'> {
    const result = await this.#write(sql`DELETE FROM namespaces WHERE id = ${id}`);
    return result === 'unknown' ? result : 'committed';
  }

  async #read(where: Sql<SqlValue>): Promise<NamespaceRecord | undefined> {
    const [row] = await this.#database.read<[Uint8Array]>(sql`SELECT record FROM namespaces WHERE ${where}`);
    return row && NamespaceRecord.decode(row[0]);
  }

  /** `conflict` when no row was changed, or when one that is there is in the way. */
  async #write(statement: Sql<SqlValue>): Promise<NamespaceResult> {
    try {
      const [, changed] = await this.#writer.runAlone([render(statement), 'SELECT ROW_COUNT()']);
      return changed?.[0]?.[0] === 0 ? 'conflict' : 'committed';
    } catch (error) {
      if (isDuplicate(error)) return 'conflict';
      if (error instanceof StoreFault) return 'unknown';
      throw error;
    }
  }
}

const FACTS = `SELECT cluster_id, history_shards, matching_slots,
  (SELECT value FROM cluster_facts WHERE name = 'cluster_name'),
  (SELECT value FROM cluster_facts WHERE name = 'shards_wanted') FROM cluster`;

type ClusterRow = readonly [Uint8Array, number, number, Uint8Array | null, Uint8Array | null];

export class MysqlClusterStore implements ClusterStore {
  readonly #database: Database;
  readonly #writer: Writer;

  constructor(database: Database, writer: Writer) {
    this.#database = database;
    this.#writer = writer;
  }

  async readOrCreate(proposal: ClusterFacts): Promise<ClusterFacts> {
    const [, , rows = []] = await this.#writer.runAlone([
      render(sql`INSERT INTO cluster (id, cluster_id, history_shards, matching_slots)
        VALUES (1, ${proposal.clusterId}, ${proposal.historyShards}, ${proposal.matchingSlots})
        ON DUPLICATE KEY UPDATE id = id`),
      render(sql`INSERT INTO cluster_facts (name, value) VALUES ('cluster_name', ${proposal.clusterName})
        ON DUPLICATE KEY UPDATE name = name`),
      FACTS,
    ]);
    return must(factsIn(rows[0] as ClusterRow | undefined), 'the cluster has facts');
  }

  async read(): Promise<ClusterFacts | undefined> {
    const [row] = await this.#database.read<ClusterRow>(sql`${plain(FACTS)}`);
    return factsIn(row);
  }
}

function factsIn(row: ClusterRow | undefined): ClusterFacts | undefined {
  const [clusterId, historyShards, matchingSlots, clusterName, shardsWanted] = row ?? [];
  if (!clusterId || historyShards === undefined || matchingSlots === undefined || !clusterName) return undefined;
  const facts = { clusterId: textIn(clusterId), clusterName: textIn(clusterName), historyShards, matchingSlots };
  return shardsWanted ? { ...facts, shardsWanted: Number(textIn(shardsWanted)) } : facts;
}
