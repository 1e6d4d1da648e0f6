import { NamespaceRecord } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import type { ClusterFacts, ClusterStore, NamespaceStore } from '../api/namespace-store.ts';
import { StoreFault } from '../api/store.ts';
import { storable } from './values.ts';
import { type Connections, FateUnknown, type Value } from './connect.ts';
import { isUniqueViolation } from './errors.ts';
import { clusterStatements, namespaceStatements as statements, type Statement } from './statements.ts';

type Written<Row> = readonly Row[] | 'conflict' | 'unknown';

export class PostgresNamespaceStore implements NamespaceStore {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  async list(): Promise<readonly NamespaceRecord[]> {
    const rows = await this.#connections.read(statements.list, []);
    return rows.map(([record]) => NamespaceRecord.decode(record));
  }

  async readById(id: string): Promise<NamespaceRecord | undefined> {
    return decoded(await this.#connections.read(statements.byId, [storable(id)]));
  }

  async readByName(name: string): Promise<NamespaceRecord | undefined> {
    return decoded(await this.#connections.read(statements.byName, [storable(name)]));
  }

  create(record: NamespaceRecord): Promise<'committed' | 'conflict' | 'unknown'> {
    return this.#put(statements.create, record, NamespaceRecord.encode(record));
  }

  update(record: NamespaceRecord): Promise<'committed' | 'conflict' | 'unknown'> {
    return this.#put(statements.update, record, NamespaceRecord.encode({ ...record, version: record.version + 1 }));
  }

  async delete(id: string): Promise<'committed' | 'unknown'> {
    return (await this.#write(statements.delete, [storable(id)])) === 'unknown' ? 'unknown' : 'committed';
  }

  async #put(
    statement: Statement<[boolean]>,
    { id, name, version }: NamespaceRecord,
    bytes: Uint8Array,
  ): Promise<'committed' | 'conflict' | 'unknown'> {
    const written = await this.#write(statement, [storable(id), storable(name), version, Buffer.from(bytes)]);
    if (typeof written === 'string') return written;
    if (written.length === 0) return 'conflict';
    this.#connections.stats.rowsWritten += 1;
    this.#connections.stats.bytesWritten += bytes.byteLength;
    return 'committed';
  }

  async #write<Row extends readonly unknown[]>(
    statement: Statement<Row>,
    values: readonly Value[],
  ): Promise<Written<Row>> {
    try {
      return await this.#connections.write(statement, values);
    } catch (error) {
      // The name was taken between the look and the write.
      if (isUniqueViolation(error)) return 'conflict';
      if (error instanceof FateUnknown || error instanceof StoreFault) return 'unknown';
      throw error;
    }
  }
}

const decoded = ([row]: readonly (readonly [Buffer])[]): NamespaceRecord | undefined =>
  row && NamespaceRecord.decode(row[0]);

export class PostgresClusterStore implements ClusterStore {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  async readOrCreate(proposal: ClusterFacts): Promise<ClusterFacts> {
    const stored = await this.read();
    if (stored !== undefined) return stored;
    await this.#connections.write(clusterStatements.create, [
      proposal.clusterId,
      proposal.historyShards,
      proposal.matchingSlots,
      proposal.clusterName,
    ]);
    return must(await this.read(), 'the cluster has facts');
  }

  async read(): Promise<ClusterFacts | undefined> {
    const [row] = await this.#connections.read(clusterStatements.read, []);
    if (row === undefined) return undefined;
    const [clusterId, historyShards, matchingSlots, clusterName, shardsWanted] = row;
    if (clusterName === null) return undefined;
    const facts = { clusterId, clusterName, historyShards, matchingSlots };
    return shardsWanted === null ? facts : { ...facts, shardsWanted: Number(shardsWanted) };
  }
}
