import type { Lease, LeaseKind } from '../api/execution-store.ts';
import type { LeaseHolder, LeaseStore, Member } from '../api/lease-store.ts';
import { plain } from '../sql/sql.ts';
import type { Database } from './connect.ts';
import { render, sql, textIn, valueList } from './literals.ts';
import { insertRows, leaseRows } from './statements.ts';
import type { Writer } from './writer.ts';

/** Milliseconds by the clock of the database. */
const NOW_MS = plain('CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)');

export class MysqlLeaseStore implements LeaseStore {
  readonly #database: Database;
  readonly #writer: Writer;

  constructor(database: Database, writer: Writer) {
    this.#database = database;
    this.#writer = writer;
  }

  async heartbeat({ service, memberId, address }: Member, ttlMs: number): Promise<readonly Member[]> {
    const [, rows = []] = await this.#writer.runAlone([
      render(sql`INSERT INTO members (service, member_id, address, expires_at)
        VALUES (${service}, ${memberId}, ${address}, ${NOW_MS} + ${ttlMs})
        ON DUPLICATE KEY UPDATE address = VALUES(address), expires_at = VALUES(expires_at)`),
      render(sql`SELECT service, member_id, address, expires_at > ${NOW_MS} FROM members
        WHERE NOT (service = ${service} AND member_id = ${memberId}) ORDER BY service, member_id`),
    ]);
    const others = rows as [Uint8Array, Uint8Array, Uint8Array, number][];
    const alive = others.filter(([, , , isAlive]) => isAlive === 1);
    if (alive.length < others.length) {
      await this.#writer.runAlone([render(sql`DELETE FROM members WHERE expires_at <= ${NOW_MS}`)]);
    }
    return alive.map(memberIn);
  }

  async leave({ service, memberId }: Member): Promise<void> {
    await this.#writer.runAlone([
      render(sql`DELETE FROM members WHERE service = ${service} AND member_id = ${memberId}`),
    ]);
  }

  /** Locks the rows in the order in which commits share them. */
  async acquire(kind: LeaseKind, partitions: readonly number[], memberId: string): Promise<readonly Lease[]> {
    if (partitions.length === 0) return [];
    const rows = [...new Set(partitions)].sort((a, b) => a - b).map((partition) => [kind, partition, 1, memberId]);
    const [, found = []] = await this.#writer.runAlone(
      [...insertRows(leaseRows, rows, Number.MAX_SAFE_INTEGER), render(rangeIdsOf(kind, partitions))],
      rows.length,
    );
    const rangeIds = new Map(found as [partition: number, rangeId: number][]);
    return partitions.map((partition) => ({ kind, partition, rangeId: rangeIds.get(partition) ?? 0 }));
  }

  async readRangeIds(kind: LeaseKind, partitions: readonly number[]): Promise<readonly number[]> {
    if (partitions.length === 0) return [];
    const rows = await this.#database.read<[partition: number, rangeId: number]>(rangeIdsOf(kind, partitions));
    const rangeIds = new Map(rows);
    return partitions.map((partition) => rangeIds.get(partition) ?? 0);
  }

  async readMembers(): Promise<readonly Member[]> {
    const rows = await this.#database.read<MemberRow>(
      sql`SELECT service, member_id, address FROM members WHERE expires_at > ${NOW_MS} ORDER BY service, member_id`,
    );
    return rows.map(memberIn);
  }

  async readHolders(kind: LeaseKind): Promise<readonly LeaseHolder[]> {
    const rows = await this.#database.read<[partition: number, rangeId: number, memberId: Uint8Array]>(
      sql`SELECT partition_id, range_id, member_id FROM leases WHERE kind = ${kind} ORDER BY partition_id`,
    );
    return rows.map(([partition, rangeId, memberId]) => ({ partition, rangeId, memberId: textIn(memberId) }));
  }
}

type MemberRow = readonly [service: Uint8Array, memberId: Uint8Array, address: Uint8Array, ...unknown[]];

const memberIn = ([service, memberId, address]: MemberRow): Member => ({
  service: textIn(service),
  memberId: textIn(memberId),
  address: textIn(address),
});

const rangeIdsOf = (kind: LeaseKind, partitions: readonly number[]) =>
  sql`SELECT partition_id, range_id FROM leases WHERE kind = ${kind} AND partition_id IN (${valueList(partitions)})`;
