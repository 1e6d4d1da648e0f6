import type { Lease, LeaseKind } from '../api/execution-store.ts';
import type { LeaseHolder, LeaseStore, Member } from '../api/lease-store.ts';
import { StoreFault } from '../api/store.ts';
import { numberArray } from './values.ts';
import { type Connections, FateUnknown, type Value } from './connect.ts';
import { leaseStatements as statements, type Statement } from './statements.ts';
import type { Writer } from './writer.ts';

/** Members live by the clock of the database: those of hosts may differ. */
export class PostgresLeaseStore implements LeaseStore {
  readonly #connections: Connections;
  readonly #writer: Writer;

  constructor(connections: Connections, writer: Writer) {
    this.#connections = connections;
    this.#writer = writer;
  }

  async heartbeat({ service, memberId, address }: Member, ttlMs: number): Promise<readonly Member[]> {
    const rows = await this.#write(statements.heartbeat, [service, memberId, address, ttlMs]);
    return rows.map(([otherService, otherId, otherAddress]) => {
      return { service: otherService, memberId: otherId, address: otherAddress };
    });
  }

  async leave({ service, memberId }: Member): Promise<void> {
    await this.#write(statements.leave, [service, memberId]);
  }

  acquire(kind: LeaseKind, partitions: readonly number[], memberId: string): Promise<readonly Lease[]> {
    return this.#writer.acquire(kind, partitions, memberId);
  }

  async readRangeIds(kind: LeaseKind, partitions: readonly number[]): Promise<readonly number[]> {
    const rows = new Map(await this.#connections.read(statements.rangeIds, [kind, numberArray(partitions)]));
    return partitions.map((partition) => rows.get(partition) ?? 0);
  }

  async readMembers(): Promise<readonly Member[]> {
    const rows = await this.#connections.read(statements.members, []);
    return rows.map(([service, memberId, address]) => ({ service, memberId, address }));
  }

  async readHolders(kind: LeaseKind): Promise<readonly LeaseHolder[]> {
    const rows = await this.#connections.read(statements.holders, [kind]);
    return rows.map(([partition, rangeId, memberId]) => ({ partition, rangeId, memberId }));
  }

  /** What is written here may be written twice. */
  async #write<Row extends readonly unknown[]>(statement: Statement<Row>, values: readonly Value[]): Promise<Row[]> {
    try {
      return await this.#connections.write(statement, values);
    } catch (error) {
      throw error instanceof FateUnknown && error.cause instanceof StoreFault ? error.cause : error;
    }
  }
}
