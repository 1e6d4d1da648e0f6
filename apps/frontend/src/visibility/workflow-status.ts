export const WorkflowStatus = { UNSPECIFIED: 0, RUNNING: 1 } as const;

/** The names users write and read, by the number of temporal.api.enums.v1.WorkflowExecutionStatus. */
export const statusNames: readonly string[] = [
  '',
  'Running',
  'Completed',
  'Failed',
  'Canceled',
  'Terminated',
  'ContinuedAsNew',
  'TimedOut',
  'Paused',
];
