import type { Lease, LeaseKind } from '../api/execution-store.ts';
import type { LeaseHolder, LeaseStore, Member } from '../api/lease-store.ts';
import type { Connection } from './connect.ts';
import type { Statement } from './statements.ts';
import type { Writer } from './writer.ts';

export class SqliteLeaseStore implements LeaseStore {
  readonly #connection: Connection;
  readonly #writer: Writer;
  readonly #expire: Statement;
  readonly #upsert: Statement;
  readonly #others: Statement<[service: string, memberId: string, address: string, expiresAt: number]>;
  readonly #leave: Statement;
  readonly #acquire: Statement<[partition: number, rangeId: number]>;
  readonly #members: Statement<[service: string, memberId: string, address: string]>;
  readonly #holders: Statement<[partition: number, rangeId: number, memberId: string]>;

  constructor(connection: Connection, writer: Writer) {
    this.#connection = connection;
    this.#writer = writer;
    this.#expire = connection.prepare('DELETE FROM members WHERE expires_at <= ?');
    this.#upsert = connection.prepare(
      'INSERT OR REPLACE INTO members (service, member_id, address, expires_at) VALUES (?, ?, ?, ?)',
    );
    this.#others = connection.prepare(
      `SELECT service, member_id, address, expires_at FROM members
       WHERE NOT (service = ? AND member_id = ?) ORDER BY service, member_id`,
    );
    this.#leave = connection.prepare('DELETE FROM members WHERE service = ? AND member_id = ?');
    this.#acquire = connection.prepare(
      `INSERT INTO leases (kind, partition, range_id, member_id)
       SELECT ?1, value, 1, ?2 FROM json_each(?3) WHERE true
       ON CONFLICT DO UPDATE SET range_id = range_id + 1, member_id = excluded.member_id
       RETURNING partition, range_id`,
    );
    this.#members = connection.prepare(
      'SELECT service, member_id, address FROM members WHERE expires_at > ? ORDER BY service, member_id',
    );
    this.#holders = connection.prepare(
      'SELECT partition, range_id, member_id FROM leases WHERE kind = ? ORDER BY partition',
    );
  }

  async heartbeat(member: Member, ttlMs: number): Promise<readonly Member[]> {
    const { service, memberId, address } = member;
    let others: Member[] = [];
    await this.#writer.submitOrThrow(() => {
      const now = this.#connection.clock.now();
      this.#upsert.run(service, memberId, address, now + ttlMs);
      const rows = this.#others.all(service, memberId);
      const alive = rows.filter((row) => row[3] > now);
      if (alive.length < rows.length) this.#expire.run(now);
      others = alive.map((row) => ({ service: row[0], memberId: row[1], address: row[2] }));
    });
    return others;
  }

  leave(member: Member): Promise<void> {
    return this.#writer.submitOrThrow(() => void this.#leave.run(member.service, member.memberId));
  }

  async acquire(kind: LeaseKind, partitions: readonly number[], memberId: string): Promise<readonly Lease[]> {
    let leases: Lease[] = [];
    await this.#writer.submitOrThrow(() => {
      this.#writer.forgetRangeIds();
      const rows = new Map(this.#acquire.all(kind, memberId, JSON.stringify(partitions)));
      leases = partitions.map((partition) => ({ kind, partition, rangeId: rows.get(partition) ?? 0 }));
      this.#writer.noteRows(leases.length, 0);
    });
    return leases;
  }

  async readRangeIds(kind: LeaseKind, partitions: readonly number[]): Promise<readonly number[]> {
    return this.#writer.rangeIds(kind, partitions);
  }

  async readMembers(): Promise<readonly Member[]> {
    const rows = this.#members.all(this.#connection.clock.now());
    return rows.map(([service, memberId, address]) => ({ service, memberId, address }));
  }

  async readHolders(kind: LeaseKind): Promise<readonly LeaseHolder[]> {
    return this.#holders.all(kind).map(([partition, rangeId, memberId]) => ({ partition, rangeId, memberId }));
  }
}
