import type { NamespaceRecord } from '@duramesh/proto';
import type { ClusterFacts, ClusterStore, NamespaceStore } from '../api/namespace-store.ts';
import { compareKeywords } from '@duramesh/visibility';
import type { MemoryDatabase } from './database.ts';
import type { Link } from './link.ts';

export class MemoryNamespaceStore implements NamespaceStore {
  readonly #database: MemoryDatabase;
  readonly #link: Link;

  constructor(database: MemoryDatabase, link: Link) {
    this.#database = database;
    this.#link = link;
  }

  list(): Promise<readonly NamespaceRecord[]> {
    return this.#link.read('listNamespaces', () =>
      [...this.#database.namespaces.values()]
        .sort((a, b) => compareKeywords(a.id, b.id))
        .map((record) => structuredClone(record)),
    );
  }

  readById(id: string): Promise<NamespaceRecord | undefined> {
    return this.#link.read('readNamespace', () => structuredClone(this.#database.namespaces.get(id)));
  }

  readByName(name: string): Promise<NamespaceRecord | undefined> {
    return this.#link.read('readNamespace', () => structuredClone(this.#find(name)));
  }

  create(record: NamespaceRecord): Promise<'committed' | 'conflict' | 'unknown'> {
    return this.#link.write('createNamespace', () => {
      if (this.#database.namespaces.has(record.id) || this.#find(record.name)) return 'conflict';
      return this.#put(record);
    });
  }

  update(record: NamespaceRecord): Promise<'committed' | 'conflict' | 'unknown'> {
    return this.#link.write('updateNamespace', () => {
      if (this.#database.namespaces.get(record.id)?.version !== record.version) return 'conflict';
      const holder = this.#find(record.name);
      if (holder && holder.id !== record.id) return 'conflict';
      return this.#put({ ...record, version: record.version + 1 });
    });
  }

  delete(id: string): Promise<'committed' | 'unknown'> {
    return this.#link.write('deleteNamespace', () => {
      this.#database.namespaces.delete(id);
      return 'committed' as const;
    });
  }

  #put(record: NamespaceRecord): 'committed' {
    this.#database.namespaces.set(record.id, structuredClone(record));
    this.#link.noteRows(1, 0);
    return 'committed';
  }

  #find(name: string): NamespaceRecord | undefined {
    for (const record of this.#database.namespaces.values()) if (record.name === name) return record;
    return undefined;
  }
}

export class MemoryClusterStore implements ClusterStore {
  readonly #database: MemoryDatabase;
  readonly #link: Link;

  constructor(database: MemoryDatabase, link: Link) {
    this.#database = database;
    this.#link = link;
  }

  read(): Promise<ClusterFacts | undefined> {
    return this.#link.read('readCluster', () => this.#database.cluster && { ...this.#database.cluster });
  }

  readOrCreate(proposal: ClusterFacts): Promise<ClusterFacts> {
    return this.#link.writeOrThrow('readOrCreateCluster', () => ({ ...(this.#database.cluster ??= { ...proposal }) }));
  }
}
