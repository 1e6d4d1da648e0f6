import type { ExecutionKey, ExecutionWrite, Lease, StagedHistory } from '../api/execution-store.ts';
import type { BacklogTask } from '../api/task-queue-store.ts';
import type { WriteOutcome } from '../group-commit.ts';
import { BacklogChanges } from './backlog-changes.ts';
import { RunChanges } from './commit.ts';
import { LeaseChecks } from './lease-checks.ts';
import { Questions } from './questions.ts';

/** A write that can share its transaction with others, under the lease of its partition. */
export type SharedWrite =
  | { readonly kind: 'commit'; readonly lease: Lease; readonly write: ExecutionWrite }
  | { readonly kind: 'stage'; readonly lease: Lease; readonly staged: StagedHistory }
  | { readonly kind: 'delete'; readonly lease: Lease; readonly key: ExecutionKey }
  | { readonly kind: 'append'; readonly lease: Lease; readonly queue: string; readonly tasks: readonly BacklogTask[] }
  | { readonly kind: 'remove'; readonly lease: Lease; readonly queue: string; readonly taskIds: readonly number[] }
  | { readonly kind: 'configure'; readonly lease: Lease; readonly queue: string; readonly config: Uint8Array };

/**
 * One transaction of many writes: asks what they depend on, under locks, decides them in memory in their order, and has
 * the statements that write what came of it.
 */
export class Group {
  readonly questions = new Questions();
  readonly #writes: readonly SharedWrite[];
  readonly #leases: LeaseChecks;
  readonly #runs: RunChanges;
  readonly #backlogs: BacklogChanges;

  constructor(writes: readonly SharedWrite[]) {
    this.#writes = writes;
    // Leases come first: once they are locked, what the others find is what the last owner left.
    this.#leases = new LeaseChecks(
      this.questions,
      writes.map(({ lease }) => lease),
    );
    this.#runs = new RunChanges(this.questions, { keys: writes.flatMap(keysOf), pointers: writes.flatMap(pointersOf) });
    this.#backlogs = new BacklogChanges(
      this.questions,
      writes.flatMap((write) => (write.kind === 'append' ? [write] : [])),
    );
  }

  /** After the questions were answered. A broken invariant is the outcome of its own write only. */
  decide(): WriteOutcome[] {
    return this.#writes.map((write) => {
      if (this.#leases.isFenced(write.lease)) return 'fenced';
      try {
        return this.#apply(write);
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
    });
  }

  get newRuns(): number {
    return this.#runs.newRuns;
  }

  statements(nextId: () => number, maxChars: number): string[] {
    return [...this.#runs.statements(nextId, maxChars), ...this.#backlogs.statements(maxChars)];
  }

  /** Of what the statements write. */
  get volume(): { readonly rows: number; readonly bytes: number } {
    const [runs, backlogs] = [this.#runs.volume, this.#backlogs.volume];
    return { rows: runs.rows + backlogs.rows, bytes: runs.bytes + backlogs.bytes };
  }

  #apply(write: SharedWrite): 'committed' | 'conflict' {
    switch (write.kind) {
      case 'commit':
        return this.#runs.commit(write.write);
      case 'stage':
        return this.#runs.stage(write.staged);
      case 'delete':
        return this.#runs.delete(write.key);
      case 'append':
        return this.#backlogs.append(write.queue, write.tasks);
      case 'remove':
        return this.#backlogs.remove(write.queue, write.taskIds);
      case 'configure':
        return this.#backlogs.configure(write.queue, write.config);
      default:
        return write satisfies never;
    }
  }
}

function keysOf(write: SharedWrite): readonly ExecutionKey[] {
  switch (write.kind) {
    case 'commit':
      return write.write.runs.map(({ key }) => key);
    case 'stage':
      return [write.staged.key];
    case 'delete':
      return [write.key];
    default:
      return [];
  }
}

function pointersOf(write: SharedWrite): readonly { readonly namespaceId: string; readonly workflowId: string }[] {
  if (write.kind === 'delete') return [write.key];
  return write.kind === 'commit' && write.write.current !== undefined ? [write.write.current] : [];
}

/** About how many characters its statements will have: bytes are two digits each. */
export function charsOf(write: SharedWrite): number {
  let bytes = 0;
  switch (write.kind) {
    case 'commit':
      for (const { info, upserts, history, visibility } of write.write.runs) {
        bytes += info.byteLength + sum(upserts) + sum(history);
        bytes += (visibility?.memo?.byteLength ?? 0) + (visibility?.encodedSearchAttributes?.byteLength ?? 0);
      }
      break;
    case 'stage':
      bytes += sum(write.staged.history);
      break;
    case 'append':
      bytes += sum(write.tasks);
      break;
    case 'configure':
      bytes += write.config.byteLength;
      break;
    default:
  }
  return bytes * 2 + OTHER_CHARS;
}

/** Ids, numbers and names of one write. */
const OTHER_CHARS = 2_000;

const sum = (rows: readonly { readonly data: Uint8Array }[]): number =>
  rows.reduce((bytes, { data }) => bytes + data.byteLength, 0);
