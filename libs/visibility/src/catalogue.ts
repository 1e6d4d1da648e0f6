import type { Field, SearchAttributeType, SystemField } from './list-filter.ts';

const systemFields: Readonly<Record<SystemField, SearchAttributeType>> = {
  WorkflowId: 'Keyword',
  RunId: 'Keyword',
  WorkflowType: 'Keyword',
  ExecutionStatus: 'Keyword',
  TaskQueue: 'Keyword',
  ParentWorkflowId: 'Keyword',
  ParentRunId: 'Keyword',
  RootWorkflowId: 'Keyword',
  RootRunId: 'Keyword',
  StartTime: 'Datetime',
  ExecutionTime: 'Datetime',
  CloseTime: 'Datetime',
  HistoryLength: 'Int',
  ExecutionDuration: 'Int',
  StateTransitionCount: 'Int',
  HistorySizeBytes: 'Int',
};

/** Kept by the server in the row of every run; users can only read them. */
export const systemSearchAttributes: ReadonlyMap<string, SearchAttributeType> = new Map(Object.entries(systemFields));

/** Known in every namespace, stored beside the custom ones. */
export const predefinedSearchAttributes: ReadonlyMap<string, SearchAttributeType> = new Map([
  ['TemporalChangeVersion', 'KeywordList'],
  ['BinaryChecksums', 'KeywordList'],
  ['BuildIds', 'KeywordList'],
  ['BatcherNamespace', 'Keyword'],
  ['BatcherUser', 'Keyword'],
  ['TemporalScheduledStartTime', 'Datetime'],
  ['TemporalScheduledById', 'Keyword'],
  ['TemporalSchedulePaused', 'Bool'],
  ['TemporalNamespaceDivision', 'Keyword'],
  ['TemporalPauseInfo', 'KeywordList'],
  ['TemporalReportedProblems', 'KeywordList'],
  ['TemporalWorkerDeploymentVersion', 'Keyword'],
  ['TemporalWorkflowVersioningBehavior', 'Keyword'],
  ['TemporalWorkerDeployment', 'Keyword'],
  ['TemporalUsedWorkerDeploymentVersions', 'KeywordList'],
  ['TemporalExternalPayloadCount', 'Int'],
  ['TemporalExternalPayloadSizeBytes', 'Int'],
]);

/** Predefined attributes that only the server sets. */
const serverSet: ReadonlySet<string> = new Set([
  'TemporalWorkerDeploymentVersion',
  'TemporalWorkflowVersioningBehavior',
  'TemporalWorkerDeployment',
  'TemporalUsedWorkerDeploymentVersions',
  'TemporalExternalPayloadCount',
  'TemporalExternalPayloadSizeBytes',
]);

const reservedNames: ReadonlySet<string> = new Set(['NamespaceId', 'MemoEncoding', 'Memo', 'VisibilityTaskKey']);

export const RESERVED_PREFIX = 'Temporal';
export const NAMESPACE_DIVISION = 'TemporalNamespaceDivision';
/** What the workflow IDs behind schedules begin with. */
export const SCHEDULE_WORKFLOW_ID_PREFIX = 'temporal-sys-scheduler:';

/** Custom search attributes of a namespace by name. */
export type CustomSearchAttributes = ReadonlyMap<string, SearchAttributeType>;

const typesByNumber: readonly SearchAttributeType[] = [
  'Text',
  'Keyword',
  'Int',
  'Double',
  'Bool',
  'Datetime',
  'KeywordList',
];

/** @see temporal.api.enums.v1.IndexedValueType; undefined for UNSPECIFIED and unknown numbers. */
export function searchAttributeTypeOf(indexedValueType: number): SearchAttributeType | undefined {
  return typesByNumber[indexedValueType - 1];
}

/** The number of temporal.api.enums.v1.IndexedValueType. */
export function indexedValueTypeOf(type: SearchAttributeType): number {
  return typesByNumber.indexOf(type) + 1;
}

/** True for names a user may not register. */
export function isReservedSearchAttribute(name: string): boolean {
  return isBuiltIn(name) || reservedNames.has(name) || name.startsWith(RESERVED_PREFIX);
}

/** System or predefined: never looked up among the custom ones. */
export function isBuiltIn(name: string): boolean {
  return systemSearchAttributes.has(name) || predefinedSearchAttributes.has(name);
}

/** False for system attributes and for predefined ones that only the server sets. */
export function isSettable(name: string): boolean {
  return !systemSearchAttributes.has(name) && !serverSet.has(name);
}

const isSystemField = (name: string): name is SystemField => name in systemFields;

function fieldOf(name: string): Field | undefined {
  if (isSystemField(name)) return { kind: 'system', name, type: systemFields[name] };
  const type = predefinedSearchAttributes.get(name);
  return type && { kind: 'attribute', name, type };
}

/** Finds the field a filter means: custom, built in, `ScheduleId`, then with the `Temporal` prefix added or removed. */
export function resolveField(
  name: string,
  customAttributes: CustomSearchAttributes,
): { readonly field: Field; readonly valuePrefix: string } | undefined {
  const custom = isBuiltIn(name) ? undefined : customAttributes.get(name);
  if (custom) return { field: { kind: 'attribute', name, type: custom }, valuePrefix: '' };
  if (name === 'ScheduleId' || name === `${RESERVED_PREFIX}ScheduleId`) {
    const field: Field = { kind: 'system', name: 'WorkflowId', type: systemFields.WorkflowId };
    return { field, valuePrefix: SCHEDULE_WORKFLOW_ID_PREFIX };
  }
  const bare = name.startsWith(RESERVED_PREFIX) ? name.slice(RESERVED_PREFIX.length) : name;
  const field = fieldOf(name) ?? fieldOf(RESERVED_PREFIX + name) ?? fieldOf(bare);
  return field && { field, valuePrefix: '' };
}
