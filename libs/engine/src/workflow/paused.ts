import type { ExecutionInfo } from '@duramesh/proto';

/** @see temporal.api.enums.v1.WorkflowExecutionStatus */
export const STATUS_PAUSED = 8;

/** The run is open, but no worker is asked until it is let go. */
export const isPaused = ({ status }: Pick<ExecutionInfo, 'status'>): boolean => status === STATUS_PAUSED;
