import { NamespaceRecord } from '@duramesh/proto';
import type { ClusterFacts, ClusterStore, NamespaceStore } from '../api/namespace-store.ts';
import { StoreFault } from '../api/store.ts';
import type { Connection, Statement } from './connect.ts';
import { bytesOf } from './statements.ts';

type NamespaceResult = 'committed' | 'conflict' | 'unknown';

interface NamespaceRow {
  readonly id: string;
  readonly version: number;
  readonly record: Uint8Array;
}

const MAX_ATTEMPTS = 5;
const PAUSE_MS = 50;

const ROW = `cell = 'all' AND kind = ? AND key = ?`;

/** All namespaces are one partition, so that a batch can make sure of an id and a name. */
export class CassandraNamespaceStore implements NamespaceStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async list(): Promise<readonly NamespaceRecord[]> {
    const query = `SELECT record FROM namespaces WHERE cell = 'all' AND kind = 'id'`;
    const rows = await this.#connection.read<NamespaceRow>({ query, values: [] });
    return rows.map(({ record }) => NamespaceRecord.decode(record));
  }

  async readById(id: string): Promise<NamespaceRecord | undefined> {
    const row = await this.#find('id', id);
    return row && NamespaceRecord.decode(row.record);
  }

  async readByName(name: string): Promise<NamespaceRecord | undefined> {
    const row = await this.#find('name', name);
    const record = row && (await this.readById(row.id));
    return record?.name === name ? record : undefined;
  }

  create(record: NamespaceRecord): Promise<NamespaceResult> {
    return this.#conditional([putRecord(record, undefined), claimName(record)]);
  }

  async update(record: NamespaceRecord): Promise<NamespaceResult> {
    const stored = await this.readById(record.id);
    if (stored?.version !== record.version) return 'conflict';
    const statements = [putRecord({ ...record, version: record.version + 1 }, record.version)];
    if (stored.name !== record.name) statements.push(claimName(record), dropName(stored));
    return this.#conditional(statements);
  }

  async delete(id: string): Promise<'committed' | 'unknown'> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const stored = await this.readById(id);
      if (stored === undefined) return 'committed';
      const drop = { query: `DELETE FROM namespaces WHERE ${ROW} IF version = ?`, values: ['id', id, stored.version] };
      const result = await this.#conditional([drop, dropName(stored)]);
      if (result !== 'conflict') return result;
    }
    return 'unknown';
  }

  async #find(kind: 'id' | 'name', key: string): Promise<NamespaceRow | undefined> {
    const query = `SELECT id, version, record FROM namespaces WHERE ${ROW}`;
    const [row] = await this.#connection.read<NamespaceRow>({ query, values: [kind, key] });
    return row;
  }

  async #conditional(statements: readonly Statement[]): Promise<NamespaceResult> {
    for (let attempt = 1; ; attempt++) {
      const result = await this.#connection.conditional(statements);
      if (result === 'applied') return 'committed';
      if (result === 'refused') return 'conflict';
      if (result === 'lost' || attempt === MAX_ATTEMPTS) return 'unknown';
      await this.#connection.clock.sleep(PAUSE_MS);
    }
  }
}

function putRecord(record: NamespaceRecord, expected: number | undefined): Statement {
  return {
    query: `UPDATE namespaces SET id = ?, version = ?, record = ? WHERE ${ROW} IF version = ?`,
    values: [record.id, record.version, bytesOf(NamespaceRecord.encode(record)), 'id', record.id, expected ?? null],
  };
}

const claimName = ({ id, name }: NamespaceRecord): Statement => ({
  query: `UPDATE namespaces SET id = ? WHERE ${ROW} IF id = null`,
  values: [id, 'name', name],
});

const dropName = ({ id, name }: NamespaceRecord): Statement => ({
  query: `DELETE FROM namespaces WHERE ${ROW} IF id = ?`,
  values: ['name', name, id],
});

interface ClusterRow {
  readonly cluster_id: string;
  readonly history_shards: number;
  readonly matching_slots: number;
}

interface NameRow {
  readonly value: string;
}

const READ_FACTS = {
  query: `SELECT cluster_id, history_shards, matching_slots FROM cluster WHERE cell = 'all'`,
  values: [],
};
const READ_NAME = {
  query: `SELECT value FROM cluster_facts WHERE cell = 'all' AND name = 'cluster_name'`,
  values: [],
};

const factsOf = (row: ClusterRow, name: NameRow): ClusterFacts => ({
  clusterId: row.cluster_id,
  clusterName: name.value,
  historyShards: row.history_shards,
  matchingSlots: row.matching_slots,
});

export class CassandraClusterStore implements ClusterStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whatever became of the proposal: what is stored afterwards stays. */
  async readOrCreate({ clusterId, clusterName, historyShards, matchingSlots }: ClusterFacts): Promise<ClusterFacts> {
    const row = await this.#readOrInsert<ClusterRow>(READ_FACTS, {
      query: `INSERT INTO cluster (cell, cluster_id, history_shards, matching_slots)
          VALUES ('all', ?, ?, ?) IF NOT EXISTS`,
      values: [clusterId, historyShards, matchingSlots],
    });
    const name = await this.#readOrInsert<NameRow>(READ_NAME, {
      query: `INSERT INTO cluster_facts (cell, name, value) VALUES ('all', 'cluster_name', ?) IF NOT EXISTS`,
      values: [clusterName],
    });
    return factsOf(row, name);
  }

  async read(): Promise<ClusterFacts | undefined> {
    const [row] = await this.#connection.readSerial<ClusterRow>(READ_FACTS);
    const [name] = await this.#connection.readSerial<NameRow>(READ_NAME);
    return row && name && factsOf(row, name);
  }

  async #readOrInsert<Row>(read: Statement, insert: Statement): Promise<Row> {
    let [row] = await this.#connection.readSerial<Row>(read);
    for (let attempt = 0; row === undefined && attempt < MAX_ATTEMPTS; attempt++) {
      await this.#connection.conditional([insert]);
      [row] = await this.#connection.readSerial<Row>(read);
    }
    if (row !== undefined) return row;
    throw new StoreFault('unavailable', `the facts of the cluster cannot be stored in ${this.#connection.shown}`);
  }
}
