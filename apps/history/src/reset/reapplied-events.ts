import { invalidArgument } from '@duramesh/contracts';
import { type HistoryEvent, isReapplied } from '@duramesh/engine';
import type { HistoryDeps } from '../deps.ts';
import { isNotFound } from '../handlers/handler.ts';
import { decodeBatch, encodeEvents } from '../read/history-reader.ts';
import type { WorkflowView } from '../shard/owner.ts';
import type { CachedRun } from '../shard/run-cache.ts';
import { walkHistory } from './history-walk.ts';

const CONTINUED_AS_NEW = 6;

export interface AfterPoint {
  readonly base: CachedRun;
  readonly fromEventId: number;
  /** Kinds that are left out. */
  readonly excluded: ReadonlySet<number>;
  readonly signal: AbortSignal;
}

/** What comes again in the new run, and the last run it was gathered from. */
export interface ReappliedEvents {
  readonly events: HistoryEvent[];
  readonly lastRunId: string;
}

/**
 * Gathers what came after the point, in the base and in the runs that it continued as, as far as these are still there.
 * @throws ServiceError INVALID_ARGUMENT when it is more than one transition may write
 */
export async function reappliedEvents(
  { store, limits }: Pick<HistoryDeps, 'store' | 'limits'>,
  view: WorkflowView,
  { base, fromEventId, excluded, signal }: AfterPoint,
): Promise<ReappliedEvents> {
  const events: HistoryEvent[] = [];
  let sizeBytes = 0;
  let run: CachedRun | undefined = base;
  let lastRunId = base.key.runId;
  for (let from = fromEventId; run; from = 1) {
    lastRunId = run.key.runId;
    const untilEventId = run.state.info.nextEventId;
    const wanted = { excluded, isOfBase: run === base };
    for await (const { data } of walkHistory(store.executions, run, { fromEventId: from, untilEventId })) {
      signal.throwIfAborted();
      const found = decodeBatch(data).filter((event) => isReapplied(event, wanted));
      if (found.length === 0) continue;
      events.push(...found);
      sizeBytes += encodeEvents(found).length;
      if (sizeBytes > limits.transactionSizeBytes) throw tooMuch(sizeBytes, limits.transactionSizeBytes);
    }
    run = await continuedRun(view, run);
  }
  return { events, lastRunId };
}

async function continuedRun(view: WorkflowView, { state: { info } }: CachedRun): Promise<CachedRun | undefined> {
  if (info.status !== CONTINUED_AS_NEW) return undefined;
  try {
    return await view.load(info.newExecutionRunId);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

const tooMuch = (sizeBytes: number, limit: number): Error =>
  invalidArgument(`transaction size of ${sizeBytes} bytes exceeds limit of ${limit} bytes`);
