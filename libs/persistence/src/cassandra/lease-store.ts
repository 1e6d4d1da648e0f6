import type { Lease, LeaseKind } from '../api/execution-store.ts';
import type { LeaseHolder, LeaseStore, Member } from '../api/lease-store.ts';
import type { Connection, Statement } from './connect.ts';
import type { Lanes } from './lanes.ts';

/** Rows of one partition that share a statement. */
const CHUNK = 100;
/** Beyond this many the whole table is read: it is one partition of a row for each lease. */
const MAX_NAMED = 100;

interface LeaseRow {
  readonly partition_id: number;
  readonly range_id: bigint;
}

interface HolderRow extends LeaseRow {
  readonly member_id: string;
}

interface MemberRow {
  readonly service: string;
  readonly member_id: string;
  readonly address: string;
}

/**
 * The lease of a partition is a column of the partition itself. A copy of each lies in one place, so that many can be looked
 * at in one query: it is written before an acquisition is answered, hence before a new owner can have done anything. Its
 * timestamp is the range id: the highest one stands, in whatever order they arrive.
 */
export class CassandraLeaseStore implements LeaseStore {
  readonly #connection: Connection;
  readonly #lanes: Lanes;

  constructor(connection: Connection, lanes: Lanes) {
    this.#connection = connection;
    this.#lanes = lanes;
  }

  /** Members expire by the clocks of the cluster, in whole seconds. */
  async heartbeat(member: Member, ttlMs: number): Promise<readonly Member[]> {
    const { service, memberId, address } = member;
    const [, rows] = await Promise.all([
      this.#connection.write([
        {
          query: `INSERT INTO members (cell, service, member_id, address) VALUES ('all', ?, ?, ?) USING TTL ?`,
          values: [service, memberId, address, Math.ceil(ttlMs / 1000)],
        },
      ]),
      this.readMembers(),
    ]);
    return rows.filter((row) => row.service !== service || row.memberId !== memberId);
  }

  leave({ service, memberId }: Member): Promise<void> {
    const query = `DELETE FROM members WHERE cell = 'all' AND service = ? AND member_id = ?`;
    return this.#connection.write([{ query, values: [service, memberId] }]);
  }

  async acquire(kind: LeaseKind, partitions: readonly number[], memberId: string): Promise<readonly Lease[]> {
    const known = this.readRangeIds(kind, partitions);
    const leases = await Promise.all(
      partitions.map((partition, i) =>
        this.#lanes.acquire(
          kind,
          partition,
          known.then((rangeIds) => rangeIds[i] ?? 0),
        ),
      ),
    );
    await this.#connection.writeTogether(
      leases.map((lease) => copyOf(lease, memberId)),
      CHUNK,
    );
    this.#connection.stats.rowsWritten += leases.length;
    return leases;
  }

  async readRangeIds(kind: LeaseKind, partitions: readonly number[]): Promise<readonly number[]> {
    if (partitions.length === 0) return [];
    const all = 'SELECT partition_id, range_id FROM leases WHERE kind = ?';
    const rows = await this.#connection.read<LeaseRow>(
      partitions.length > MAX_NAMED
        ? { query: all, values: [kind] }
        : { query: `${all} AND partition_id IN ?`, values: [kind, partitions] },
    );
    const found = new Map(rows.map((row) => [row.partition_id, Number(row.range_id)]));
    return partitions.map((partition) => found.get(partition) ?? 0);
  }

  async readMembers(): Promise<readonly Member[]> {
    const query = `SELECT service, member_id, address FROM members WHERE cell = 'all'`;
    const rows = await this.#connection.read<MemberRow>({ query, values: [] });
    return rows.map((row) => ({ service: row.service, memberId: row.member_id, address: row.address }));
  }

  async readHolders(kind: LeaseKind): Promise<readonly LeaseHolder[]> {
    const query = 'SELECT partition_id, range_id, member_id FROM leases WHERE kind = ?';
    const rows = await this.#connection.read<HolderRow>({ query, values: [kind] });
    return rows.map((row) => ({
      partition: row.partition_id,
      rangeId: Number(row.range_id),
      memberId: row.member_id,
    }));
  }
}

const copyOf = ({ kind, partition, rangeId }: Lease, memberId: string): Statement => ({
  query: 'INSERT INTO leases (kind, partition_id, range_id, member_id) VALUES (?, ?, ?, ?) USING TIMESTAMP ?',
  values: [kind, partition, BigInt(rangeId), memberId, BigInt(rangeId)],
});
