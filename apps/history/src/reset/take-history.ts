import { invalidArgument } from '@duramesh/contracts';
import { emptyState, type ExecutionState, replayed } from '@duramesh/engine';
import type { ExecutionKey, HistoryBatch } from '@duramesh/persistence';
import type { HistoryDeps } from '../deps.ts';
import { decodeBatch, readBatches } from '../read/history-reader.ts';
import type { WorkflowView } from '../shard/owner.ts';
import type { CachedRun } from '../shard/run-cache.ts';
import { walkHistory } from './history-walk.ts';

/** Of the copy of a history that is written at once. */
const PIECE_BYTES = 1024 * 1024;

/** What a new run has of its base. */
export interface TakenHistory {
  readonly state: ExecutionState;
  /** The last piece of the copy, for the commit that creates the run; those before it are staged. */
  readonly copied: readonly HistoryBatch[];
  readonly sizeBytes: number;
}

/**
 * Goes through the history of the base up to the point: rebuilds what it tells, and copies it for the new run in pieces
 * that are no larger than what is held in memory at one time.
 * @throws ServiceError INVALID_ARGUMENT when the point lies inside a batch
 */
export async function takeHistory(
  deps: Pick<HistoryDeps, 'store' | 'copyPieceBytes'>,
  view: WorkflowView,
  {
    base,
    newKey,
    untilEventId,
  }: { readonly base: CachedRun; readonly newKey: ExecutionKey; readonly untilEventId: number },
): Promise<TakenHistory> {
  const { executions } = deps.store;
  const pieceLimit = deps.copyPieceBytes ?? PIECE_BYTES;
  const range = { fromEventId: untilEventId - 1, untilEventId, maxBatches: 1 };
  const [last] = await readBatches(executions, base, range);
  if (last?.lastEventId !== untilEventId - 1) throw notAtBoundary(untilEventId - 1);

  const { namespaceId, workflowId, runId } = newKey;
  let state = emptyState(namespaceId, workflowId, runId);
  let piece: HistoryBatch[] = [];
  let pieceBytes = 0;
  let sizeBytes = 0;
  for await (const batch of walkHistory(executions, base, { fromEventId: 1, untilEventId })) {
    const { length } = batch.data;
    if (piece.length > 0 && pieceBytes + length > pieceLimit) {
      await view.stage(newKey, piece);
      piece = [];
      pieceBytes = 0;
    }
    piece.push(batch);
    pieceBytes += length;
    sizeBytes += length;
    state = replayed(state, decodeBatch(batch.data));
  }
  return { state, copied: piece, sizeBytes };
}

const notAtBoundary = (eventId: number): Error =>
  invalidArgument(
    `StateRebuilder unable to Rebuild mutable state to event ID: ${eventId}, version: 0, ` +
      'this event must be at the boundary',
  );
