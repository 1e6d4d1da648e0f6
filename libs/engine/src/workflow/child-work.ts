import { type ChildInfo, type ExecutionInfo, RunState } from '@duramesh/proto';

/** @see temporal.api.enums.v1.ParentClosePolicy */
export const PARENT_CLOSE = { terminate: 1, abandon: 2, requestCancel: 3 } as const;

const isStarted = ({ runId }: ChildInfo): boolean => runId !== '';

/** The child is to be started. Once the run is closed it never is, whatever its policy says. @see spec-history 6.5 */
export const isToBeStarted = (child: ChildInfo): boolean => !isStarted(child);

/** The child waits to hear that its start was recorded. */
export const isToBeConfirmed = (child: ChildInfo): boolean => isStarted(child) && !child.confirmed;

/** The run has it from its base: it may have ended, and told the base, before this run was made. */
export const isToBeAsked = (child: ChildInfo): boolean =>
  isStarted(child) && child.originRunId !== '' && !child.endAsked;

/** What has to be done for the child while the run is open. */
export const waitsWhileOpen = (child: ChildInfo): boolean =>
  isToBeStarted(child) || isToBeConfirmed(child) || isToBeAsked(child);

/** A child that is about to be terminated needs not begin. */
export const isToBeConfirmedAfterClose = (child: ChildInfo): boolean =>
  isToBeConfirmed(child) && child.parentClosePolicy !== PARENT_CLOSE.terminate;

export const isToBeClosed = (child: ChildInfo): boolean =>
  isStarted(child) && !child.policyApplied && child.parentClosePolicy !== PARENT_CLOSE.abandon;

/** What has to be done for the child once the run is closed. */
export const waitsAfterClose = (child: ChildInfo): boolean => isToBeConfirmedAfterClose(child) || isToBeClosed(child);

/** The last run of a chain tells the parent how the child has ended. */
export const reportsToParent = (info: ExecutionInfo): boolean =>
  info.state === RunState.RUN_STATE_COMPLETED &&
  info.parent !== undefined &&
  info.newExecutionRunId === '' &&
  !info.parentTold;
