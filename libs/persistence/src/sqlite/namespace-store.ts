import { NamespaceRecord } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import type { ClusterFacts, ClusterStore, NamespaceStore } from '../api/namespace-store.ts';
import type { Connection } from './connect.ts';
import type { Statement } from './statements.ts';
import type { Writer } from './writer.ts';

type NamespaceResult = 'committed' | 'conflict' | 'unknown';

export class SqliteNamespaceStore implements NamespaceStore {
  readonly #connection: Connection;
  readonly #writer: Writer;
  readonly #list: Statement<[Uint8Array]>;
  readonly #byId: Statement<[Uint8Array]>;
  readonly #byName: Statement<[Uint8Array]>;
  readonly #holders: Statement<[id: string, version: number]>;
  readonly #put: Statement;
  readonly #delete: Statement;

  constructor(connection: Connection, writer: Writer) {
    this.#connection = connection;
    this.#writer = writer;
    this.#list = connection.prepare('SELECT record FROM namespaces ORDER BY id');
    this.#byId = connection.prepare('SELECT record FROM namespaces WHERE id = ?');
    this.#byName = connection.prepare('SELECT record FROM namespaces WHERE name = ?');
    this.#holders = connection.prepare('SELECT id, version FROM namespaces WHERE id = ? OR name = ?');
    this.#put = connection.prepare('INSERT OR REPLACE INTO namespaces (id, name, version, record) VALUES (?, ?, ?, ?)');
    this.#delete = connection.prepare('DELETE FROM namespaces WHERE id = ?');
  }

  list(): Promise<readonly NamespaceRecord[]> {
    return this.#connection.read(() => this.#list.all().map(([record]) => NamespaceRecord.decode(record)));
  }

  readById(id: string): Promise<NamespaceRecord | undefined> {
    return this.#connection.read(() => decoded(this.#byId.get(id)));
  }

  readByName(name: string): Promise<NamespaceRecord | undefined> {
    return this.#connection.read(() => decoded(this.#byName.get(name)));
  }

  create(record: NamespaceRecord): Promise<NamespaceResult> {
    return this.#submit(() => {
      if (this.#holders.get(record.id, record.name)) return 'conflict';
      return this.#store(record);
    });
  }

  update(record: NamespaceRecord): Promise<NamespaceResult> {
    return this.#submit(() => {
      const holders = this.#holders.all(record.id, record.name);
      const [holder] = holders;
      if (holders.length !== 1 || holder?.[0] !== record.id || holder[1] !== record.version) return 'conflict';
      return this.#store({ ...record, version: record.version + 1 });
    });
  }

  async delete(id: string): Promise<'committed' | 'unknown'> {
    const result = await this.#submit(() => {
      this.#delete.run(id);
      return 'committed';
    });
    return result === 'committed' ? result : 'unknown';
  }

  #store(record: NamespaceRecord): 'committed' {
    const bytes = NamespaceRecord.encode(record);
    this.#put.run(record.id, record.name, record.version, bytes);
    this.#writer.noteRows(1, bytes.byteLength);
    return 'committed';
  }

  async #submit(apply: () => 'committed' | 'conflict'): Promise<NamespaceResult> {
    const result = await this.#writer.submit({ apply });
    return result === 'fenced' ? 'unknown' : result;
  }
}

const decoded = (row: readonly [Uint8Array] | undefined): NamespaceRecord | undefined =>
  row && NamespaceRecord.decode(row[0]);

type ClusterRow = [
  clusterId: string,
  historyShards: number,
  matchingSlots: number,
  clusterName: string | null,
  shardsWanted: string | null,
];

export class SqliteClusterStore implements ClusterStore {
  readonly #connection: Connection;
  readonly #writer: Writer;
  readonly #insert: Statement;
  readonly #name: Statement;
  readonly #read: Statement<ClusterRow>;

  constructor(connection: Connection, writer: Writer) {
    this.#connection = connection;
    this.#writer = writer;
    this.#insert = connection.prepare(
      'INSERT INTO cluster (id, cluster_id, history_shards, matching_slots) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#name = connection.prepare(
      `INSERT INTO cluster_facts (name, value) VALUES ('cluster_name', ?) ON CONFLICT DO NOTHING`,
    );
    this.#read = connection.prepare(
      `SELECT cluster_id, history_shards, matching_slots,
         (SELECT value FROM cluster_facts WHERE name = 'cluster_name'),
         (SELECT value FROM cluster_facts WHERE name = 'shards_wanted') FROM cluster`,
    );
  }

  async readOrCreate(proposal: ClusterFacts): Promise<ClusterFacts> {
    let facts = proposal;
    await this.#writer.submitOrThrow(() => {
      this.#insert.run(proposal.clusterId, proposal.historyShards, proposal.matchingSlots);
      this.#name.run(proposal.clusterName);
      facts = must(this.#stored(), 'the cluster has facts');
    });
    return facts;
  }

  read(): Promise<ClusterFacts | undefined> {
    return this.#connection.read(() => this.#stored());
  }

  #stored(): ClusterFacts | undefined {
    const row = this.#read.get();
    if (row === undefined) return undefined;
    const [clusterId, historyShards, matchingSlots, clusterName, shardsWanted] = row;
    if (clusterName === null) return undefined;
    const facts = { clusterId, clusterName, historyShards, matchingSlots };
    return shardsWanted === null ? facts : { ...facts, shardsWanted: Number(shardsWanted) };
  }
}
