import type { Clock } from '@duramesh/runtime';
import type { Lease, LeaseKind } from '../api/execution-store.ts';
import type { LeaseHolder, LeaseStore, Member } from '../api/lease-store.ts';
import { compareKeywords } from '@duramesh/visibility';
import { leaseName, type MemoryDatabase } from './database.ts';
import type { Link } from './link.ts';

export class MemoryLeaseStore implements LeaseStore {
  readonly #database: MemoryDatabase;
  readonly #link: Link;
  readonly #clock: Clock;

  constructor(database: MemoryDatabase, link: Link, clock: Clock) {
    this.#database = database;
    this.#link = link;
    this.#clock = clock;
  }

  heartbeat(member: Member, ttlMs: number): Promise<readonly Member[]> {
    return this.#link.writeOrThrow('heartbeat', () => {
      const { members } = this.#database;
      const now = this.#clock.now();
      for (const [name, other] of members) if (other.expiresMs <= now) members.delete(name);
      const { service, memberId, address } = member;
      const self = memberName(member);
      members.set(self, { member: { service, memberId, address }, expiresMs: now + ttlMs });
      const others = [...members].filter(([name]) => name !== self);
      return others.sort(([a], [b]) => compareKeywords(a, b)).map(([, other]) => other.member);
    });
  }

  async leave(member: Member): Promise<void> {
    await this.#link.writeOrThrow('leave', () => ({ left: this.#database.members.delete(memberName(member)) }));
  }

  acquire(kind: LeaseKind, partitions: readonly number[], memberId: string): Promise<readonly Lease[]> {
    return this.#link.writeOrThrow('acquire', () => {
      this.#link.noteRows(partitions.length, memberId.length);
      return partitions.map((partition): Lease => {
        const name = leaseName(kind, partition);
        const rangeId = (this.#database.rangeIds.get(name) ?? 0) + 1;
        this.#database.rangeIds.set(name, rangeId);
        this.#database.holders.set(name, { partition, rangeId, memberId });
        return { kind, partition, rangeId };
      });
    });
  }

  readRangeIds(kind: LeaseKind, partitions: readonly number[]): Promise<readonly number[]> {
    return this.#link.read('readRangeIds', () =>
      partitions.map((partition) => this.#database.rangeIds.get(leaseName(kind, partition)) ?? 0),
    );
  }

  readMembers(): Promise<readonly Member[]> {
    return this.#link.read('readMembers', () => {
      const alive = [...this.#database.members].filter(([, { expiresMs }]) => expiresMs > this.#clock.now());
      return alive.sort(([a], [b]) => compareKeywords(a, b)).map(([, { member }]) => member);
    });
  }

  readHolders(kind: LeaseKind): Promise<readonly LeaseHolder[]> {
    return this.#link.read('readHolders', () => {
      const { holders } = this.#database;
      const ofKind = [...holders].filter(([name, { partition }]) => name === leaseName(kind, partition));
      return ofKind.map(([, holder]) => holder).sort((a, b) => a.partition - b.partition);
    });
  }
}

const memberName = (member: Member): string => `${member.service}\0${member.memberId}`;
