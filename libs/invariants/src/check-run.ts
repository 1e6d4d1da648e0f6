import {
  checkRun as checkHistory,
  comparable,
  nextWakeMs,
  outstandingTasks,
  rebuild,
  taskName,
} from '@duramesh/engine';
import type { RunRecord } from '@duramesh/persistence';
import { type Broken, guarded } from './broken.ts';
import { type DecodedBatch, type DecodedRun, eventsOf } from './decode-run.ts';
import { difference } from './difference.ts';

/** What holds of a run, its row and its history by themselves: R1 to S5. */
export function checkStoredRun(run: DecodedRun, record: RunRecord): readonly Broken[] {
  return [
    ...checkKey(run),
    ...checkBatches(run.batches),
    ...guarded('R', () => checkHistory(run.state, eventsOf(run)).map((text) => ({ claim: 'R', text }))),
    ...guarded('S3', () => checkState(run)),
    ...guarded('S4', () => checkOutstanding(run, record)),
    ...guarded('S5', () => checkWake(run, record)),
  ];
}

function checkKey({ key, state: { info } }: DecodedRun): readonly Broken[] {
  const wrong = difference(
    { namespaceId: info.namespaceId, workflowId: info.workflowId, runId: info.runId },
    { namespaceId: key.namespaceId, workflowId: key.workflowId, runId: key.runId },
  );
  return wrong === undefined ? [] : [{ claim: 'S3', text: `its state is that of another run: ${wrong}` }];
}

function checkBatches(batches: readonly DecodedBatch[]): readonly Broken[] {
  const broken: Broken[] = [];
  let next = 1;
  for (const { firstEventId, lastEventId, events } of batches) {
    if (firstEventId > next) broken.push({ claim: 'S2', text: `events ${next} to ${firstEventId - 1} are missing` });
    if (firstEventId < next) {
      broken.push({ claim: 'S2', text: `events ${firstEventId} to ${next - 1} are in more than one batch` });
    }
    const [first, last] = [events[0]?.eventId ?? 0, events.at(-1)?.eventId ?? 0];
    if (first !== firstEventId || last !== lastEventId || events.length !== lastEventId - firstEventId + 1) {
      const held = `${events.length} events, ${first} to ${last}`;
      broken.push({ claim: 'S2', text: `the batch of events ${firstEventId} to ${lastEventId} holds ${held}` });
    }
    next = lastEventId + 1;
  }
  return broken;
}

function checkState(run: DecodedRun): readonly Broken[] {
  const again = rebuild(run.key, eventsOf(run), run.state.buffered.values());
  const differs = difference(comparable(run.state), comparable(again));
  return differs === undefined ? [] : [{ claim: 'S3', text: `the state is not what its history says: ${differs}` }];
}

function checkOutstanding({ state }: DecodedRun, { outstanding }: RunRecord): readonly Broken[] {
  const [task] = outstandingTasks(state);
  if (task === undefined || outstanding) return [];
  return [{ claim: 'S4', text: `it waits for ${taskName(task)}, and a new owner of its shard would not find it` }];
}

/** Being looked at too early is harmless. */
function checkWake({ state }: DecodedRun, { wakeAtMs }: RunRecord): readonly Broken[] {
  const dueMs = nextWakeMs(state);
  if (dueMs === 0 || (wakeAtMs > 0 && wakeAtMs <= dueMs)) return [];
  const said = wakeAtMs === 0 ? 'never' : timeOf(wakeAtMs);
  return [{ claim: 'S5', text: `something of it is due at ${timeOf(dueMs)}, and it would be looked at ${said}` }];
}

const timeOf = (ms: number): string => `${ms} ms`;
