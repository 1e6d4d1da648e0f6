import type { Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { countOf, eventsOf, type HistoryEvent, nameOf } from '../../sdk/support/history-checks.ts';
import { must } from '@duramesh/runtime';
import { until } from '../../support/until.ts';
import type { Shown } from '../load/workflows.ts';
import type { Final, FinalRun } from './operation.ts';

const READ_WITHIN_MS = 30_000;
/** By `TimeoutType`. */
const TIMEOUTS = ['', 'start to close', 'schedule to start', 'schedule to close', 'heartbeat'];

/** Reads all runs of these ids, from lists and histories, as often as it takes. */
export async function readFinal(client: Client, workflowIds: readonly string[]): Promise<Final> {
  const final = new Map<string, readonly FinalRun[]>();
  for (const workflowId of workflowIds) {
    const read = async (): Promise<readonly FinalRun[]> => runsOf(client, workflowId);
    final.set(workflowId, await until(read, { what: `the histories of ${workflowId}`, withinMs: READ_WITHIN_MS }));
  }
  return final;
}

async function runsOf(client: Client, workflowId: string): Promise<readonly FinalRun[]> {
  const runs: FinalRun[] = [];
  for await (const { runId, status } of client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    const events = await eventsOf(client.workflow.getHandle(workflowId, runId));
    runs.push({ runId, status: status.name, ...told(events, status.name === 'RUNNING') });
  }
  return runs;
}

/** What the events of a register tell of it. */
export function told(events: readonly HistoryEvent[], isOpen: boolean): Omit<FinalRun, 'runId' | 'status'> {
  const log: string[] = [];
  const updates: Record<string, number> = {};
  const completed: Record<string, number> = {};
  const acceptedNames = new Map<string, string>();
  const activityIds = new Map<string, string>();
  const timedOut: string[] = [];
  for (const event of events) {
    const id = String(event.eventId);
    const { workflowExecutionSignaledEventAttributes: signaled } = event;
    if (signaled) log.push(decoded<string>(signaled.input?.payloads?.[0]));
    const accepted = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest;
    if (accepted) acceptedNames.set(accepted.meta?.updateId ?? '', accepted.input?.name ?? '');
    const { workflowExecutionUpdateCompletedEventAttributes: updated } = event;
    const success = updated?.outcome?.success?.payloads?.[0];
    const updateId = updated?.meta?.updateId ?? '';
    if (success && acceptedNames.get(updateId) !== 'finish') {
      log.push(updateId);
      updates[updateId] = decoded<Shown>(success).log.length;
    }
    const timeout = timeoutOf(event);
    if (timeout !== undefined) timedOut.push(`${timeout}, event ${id}`);
    const { activityTaskScheduledEventAttributes: scheduled } = event;
    if (scheduled) activityIds.set(id, scheduled.activityId ?? '');
    const scheduledId = event.activityTaskCompletedEventAttributes?.scheduledEventId;
    const activityId = activityIds.get(String(scheduledId));
    if (activityId !== undefined) completed[activityId] = (completed[activityId] ?? 0) + 1;
  }
  const cancelled = countOf(events, 'workflowExecutionCancelRequested') > 0;
  return { log, cancelled, updates, completed, timedOut, broken: unsound(events, isOpen) };
}

const decoded = <T>(payload: Payload | null | undefined): T =>
  defaultPayloadConverter.fromPayload<T>(must(payload ?? undefined, 'an event has no payload'));

/** `undefined` for what is no timeout; an activity that is tried again tells of it in its next attempt. */
function timeoutOf(event: HistoryEvent): string | undefined {
  const workflowTask = event.workflowTaskTimedOutEventAttributes;
  if (workflowTask) return `workflow task: ${TIMEOUTS[workflowTask.timeoutType ?? 0] ?? ''}`;
  const { activityTaskStartedEventAttributes: started, activityTaskTimedOutEventAttributes: over } = event;
  const activity = (started?.lastFailure ?? over?.failure)?.timeoutFailureInfo;
  return activity ? `activity: ${TIMEOUTS[activity.timeoutType ?? 0] ?? ''}` : undefined;
}

const closing = /^workflowExecution(Completed|Failed|TimedOut|Canceled|Terminated|ContinuedAsNew)$/;

/** What no interruption may leave behind. Activities may be open when a run closes, others may not. */
function unsound(events: readonly HistoryEvent[], isOpen: boolean): readonly string[] {
  const broken = events.flatMap(({ eventId }, at) =>
    Number(eventId) === at + 1 ? [] : [`event ${String(eventId)} stands at place ${at + 1}`],
  );
  const closes = events.flatMap((event, at) => (closing.test(nameOf(event)) ? [at] : []));
  const wanted = isOpen ? [] : [events.length - 1];
  if (closes.join() !== wanted.join()) broken.push(`it closes at ${closes.join() || 'no event'} of ${events.length}`);
  const ended = events.flatMap(({ workflowTaskCompletedEventAttributes: it }) =>
    it ? [String(it.scheduledEventId)] : [],
  );
  const twice = ended.filter((id, at) => ended.indexOf(id) !== at);
  return [...broken, ...twice.map((id) => `the workflow task of event ${id} completed twice`)];
}
