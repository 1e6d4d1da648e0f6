import type { ExecutionKey, ExecutionWrite, Lease, LeaseKind, StagedHistory } from '../api/execution-store.ts';
import type { BacklogTask } from '../api/task-queue-store.ts';
import type { Touched } from '../group-commit.ts';

/** A write that its lease fences, as data: many of one kind become one statement. */
export type FencedWrite =
  | { readonly kind: 'commit'; readonly write: ExecutionWrite }
  | ({ readonly kind: 'stage' } & StagedHistory)
  | { readonly kind: 'deleteRuns'; readonly lease: Lease; readonly key: ExecutionKey }
  | {
      readonly kind: 'appendTasks';
      readonly lease: Lease;
      readonly queue: string;
      readonly tasks: readonly BacklogTask[];
    }
  | {
      readonly kind: 'removeTasks';
      readonly lease: Lease;
      readonly queue: string;
      readonly taskIds: readonly number[];
    }
  | { readonly kind: 'configure'; readonly lease: Lease; readonly queue: string; readonly config: Uint8Array };

/** Takes leases, and hands them to its caller: those behind it in the queue must feel it. */
export interface AcquireWrite {
  readonly kind: 'acquire';
  readonly leaseKind: LeaseKind;
  readonly partitions: readonly number[];
  readonly memberId: string;
  readonly take: (leases: readonly Lease[]) => void;
}

export type PostgresWrite = FencedWrite | AcquireWrite;
export type WriteOf<K extends FencedWrite['kind']> = Extract<FencedWrite, { readonly kind: K }>;

/**
 * What a write reads or changes: two that share one of these must not be in one statement, all parts of which see the same
 * rows, nor in two at the same time.
 */
export function touchedBy(write: PostgresWrite): Touched {
  switch (write.kind) {
    case 'commit':
      return [
        ...write.write.runs.map(({ key }) => workflowOf(key)),
        ...(write.write.current ? [workflowOf(write.write.current)] : []),
      ];
    case 'stage':
    case 'deleteRuns':
      return [workflowOf(write.key)];
    case 'appendTasks':
      return write.tasks.flatMap(({ taskId, dedupeKey }) => [
        `task ${write.queue} ${taskId}`,
        `work ${write.queue} ${dedupeKey}`,
      ]);
    case 'removeTasks':
      return write.taskIds.map((taskId) => `task ${write.queue} ${taskId}`);
    case 'configure':
      return [`queue ${write.queue}`];
    case 'acquire':
      return 'everything';
    default:
      return write satisfies never;
  }
}

/** About as many bytes as the write puts into a statement. */
function sizeOf(write: PostgresWrite): number {
  switch (write.kind) {
    case 'commit':
      return write.write.runs.reduce((sum, { info, upserts, history }) => {
        return sum + info.byteLength + bytesOf(upserts) + bytesOf(history);
      }, 0);
    case 'stage':
      return bytesOf(write.history);
    case 'appendTasks':
      return bytesOf(write.tasks);
    default:
      return 0;
  }
}

const bytesOf = (rows: readonly { readonly data: Uint8Array }[]): number =>
  rows.reduce((sum, { data }) => sum + data.byteLength, 0);

const workflowOf = ({ namespaceId, workflowId }: Pick<ExecutionKey, 'namespaceId' | 'workflowId'>): string =>
  `workflow ${namespaceId} ${workflowId}`;

/** A number for each write in order: those of one round may go in any order, later rounds after earlier ones. */
function roundsOf(writes: readonly PostgresWrite[]): readonly number[] {
  const free = new Map<string, number>();
  let earliest = 0;
  let latest = -1;
  return writes.map((write) => {
    const touched = touchedBy(write);
    if (touched === 'everything') {
      latest += 1;
      earliest = latest + 1;
      return latest;
    }
    const round = touched.reduce((after, name) => Math.max(after, free.get(name) ?? 0), earliest);
    for (const name of touched) free.set(name, round + 1);
    latest = Math.max(latest, round);
    return round;
  });
}

export interface StatementBounds {
  readonly maxBytes: number;
}

/** Places of the writes that share a statement, in the order in which the statements must follow each other. */
export function statementsOf(
  group: readonly PostgresWrite[],
  { maxBytes }: StatementBounds,
): readonly (readonly number[])[] {
  const rounds = roundsOf(group);
  const statements: { readonly round: number; readonly indexes: number[] }[] = [];
  const open = new Map<string, { readonly indexes: number[]; bytes: number }>();
  for (const [i, write] of group.entries()) {
    const round = rounds[i] ?? 0;
    const name = `${round} ${write.kind}`;
    const bytes = sizeOf(write);
    const last = open.get(name);
    if (last !== undefined && last.bytes + bytes <= maxBytes) {
      last.indexes.push(i);
      last.bytes += bytes;
      continue;
    }
    const indexes = [i];
    open.set(name, { indexes, bytes });
    statements.push({ round, indexes });
  }
  return statements.sort((a, b) => a.round - b.round).map(({ indexes }) => indexes);
}
