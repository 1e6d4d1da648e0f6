/** @see temporal.api.enums.v1.UpdateWorkflowExecutionLifecycleStage */
export const UpdateStage = { UNSPECIFIED: 0, ADMITTED: 1, ACCEPTED: 2, COMPLETED: 3 } as const;
