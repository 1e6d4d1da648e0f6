import { EVENT_TYPES, type HistoryEvent } from '@duramesh/engine';
import { fromPayload, toPayload, toPayloads } from '../payloads.ts';
import { STEP, type WorkflowPlan } from '../plan/workflow-plan.ts';
import { type Command, COMMAND } from './command.ts';

const NEWS: ReadonlySet<number> = new Set([
  EVENT_TYPES.ActivityTaskCompleted,
  EVENT_TYPES.TimerFired,
  EVENT_TYPES.WorkflowExecutionSignaled,
]);

/** Tells how far the workflow is, if it is farther than it has told. */
export function tell(events: readonly HistoryEvent[], { more }: WorkflowPlan): readonly Command[] {
  if (!more?.tells) return [];
  const step = 1 + events.filter(({ eventType = 0 }) => NEWS.has(eventType)).length;
  const told = Math.max(0, ...events.map(stepIn));
  if (step <= told) return [];
  return [...(told === 0 ? markers : []), upsertStep(step), remember(step)];
}

function stepIn({ upsertWorkflowSearchAttributesEventAttributes: upserted }: HistoryEvent): number {
  return Number(fromPayload(upserted?.searchAttributes?.indexedFields?.[STEP]) ?? 0);
}

/** The step that a worker tells with its commands; 0 when it tells of none. */
export const stepOf = (commands: readonly Command[]): number =>
  Math.max(
    0,
    ...commands.map(({ upsertWorkflowSearchAttributesCommandAttributes: upsert }) =>
      Number(fromPayload(upsert?.searchAttributes?.indexedFields?.[STEP]) ?? 0),
    ),
  );

/** As SDKs write them down for what workflow code must not do twice. */
const markers: readonly Command[] = ['LocalActivity', 'SideEffect', 'Version'].map((markerName) => ({
  commandType: COMMAND.recordMarker,
  recordMarkerCommandAttributes: { markerName, details: { data: toPayloads(markerName), result: toPayloads(1) } },
}));

const upsertStep = (step: number): Command => ({
  commandType: COMMAND.upsertSearchAttributes,
  upsertWorkflowSearchAttributesCommandAttributes: { searchAttributes: { indexedFields: { [STEP]: toPayload(step) } } },
});

const remember = (step: number): Command => ({
  commandType: COMMAND.modifyProperties,
  modifyWorkflowPropertiesCommandAttributes: { upsertedMemo: { fields: { step: toPayload(step) } } },
});
