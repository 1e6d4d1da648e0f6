import type { Lease } from '../api/execution-store.ts';
import { textIn } from './literals.ts';
import type { Questions } from './questions.ts';
import { leaseKey, type Row, selectLocked } from './statements.ts';

/** The range ids that are in force for a group of writes, and stay so until its transaction ends. */
export class LeaseChecks {
  readonly #rangeIds = new Map<string, number>();

  constructor(questions: Questions, leases: readonly Lease[]) {
    const partitions = new Map(leases.map((lease) => [nameOf(lease.kind, lease.partition), lease]));
    const keys = [...partitions.values()]
      .sort((a, b) => (a.kind === b.kind ? a.partition - b.partition : a.kind < b.kind ? -1 : 1))
      .map(({ kind, partition }): Row => [kind, partition]);
    const lock = { columns: 'kind, partition_id, range_id', keys, lock: 'LOCK IN SHARE MODE' } as const;
    questions.ask(selectLocked(leaseKey, lock), (rows) => {
      for (const [kind, partition, rangeId] of rows as [Uint8Array, number, number][]) {
        this.#rangeIds.set(nameOf(textIn(kind), partition), rangeId);
      }
    });
  }

  isFenced({ kind, partition, rangeId }: Lease): boolean {
    return (this.#rangeIds.get(nameOf(kind, partition)) ?? 0) !== rangeId;
  }
}

const nameOf = (kind: string, partition: number): string => `${kind}/${partition}`;
