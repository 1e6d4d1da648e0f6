import type { NamespaceRecord } from '@duramesh/proto';

/** Namespaces by id and by name. */
export interface NamespaceStore {
  list(): Promise<readonly NamespaceRecord[]>;
  readById(id: string): Promise<NamespaceRecord | undefined>;
  readByName(name: string): Promise<NamespaceRecord | undefined>;
  /** `conflict` when the name or id is taken. */
  create(record: NamespaceRecord): Promise<'committed' | 'conflict' | 'unknown'>;
  /** Replaces the record whose version is `record.version`, storing `record.version + 1`. */
  update(record: NamespaceRecord): Promise<'committed' | 'conflict' | 'unknown'>;
  delete(id: string): Promise<'committed' | 'unknown'>;
}

/** Facts of the cluster: chosen when the database is first used. */
export interface ClusterFacts {
  readonly clusterId: string;
  /** As operators call it, so that a process that was meant for another cluster is noticed. */
  readonly clusterName: string;
  /** Changed by `duramesh shards set` alone, while no process runs. */
  readonly historyShards: number;
  readonly matchingSlots: number;
  /** The shards are being changed to this number, and somebody has to finish it: until then nobody may serve. */
  readonly shardsWanted?: number | undefined;
}

export interface ClusterStore {
  /** The stored facts; the proposal is stored when there are none yet. */
  readOrCreate(proposal: ClusterFacts): Promise<ClusterFacts>;
  /** Undefined before the first server has started on the database. */
  read(): Promise<ClusterFacts | undefined>;
}
