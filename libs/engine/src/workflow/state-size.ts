import type { ActivityInfo } from '@duramesh/proto';
import type { Draft } from './draft.ts';
import { failureSizeBytes } from './failures.ts';
import { fieldsSizeBytes, memoSizeBytes, payloadsSizeBytes } from './sizes.ts';
import type { ExecutionDiff } from './state.ts';

/** What one of them takes up when its names are of common length. */
const ACTIVITY_BYTES = 200;
const TIMER_BYTES = 40;
const CHILD_BYTES = 150;
const EXTERNAL_REQUEST_BYTES = 100;
const REQUEST_ID_BYTES = 50;
const UPDATE_BYTES = 100;
const INFO_BYTES = 1_000;

/** Payloads count for what they are, everything else for about what it is. */
export const activitySizeBytes = ({ heartbeatDetails, lastFailure }: ActivityInfo): number =>
  ACTIVITY_BYTES +
  (heartbeatDetails ? payloadsSizeBytes(heartbeatDetails) : 0) +
  (lastFailure ? failureSizeBytes(lastFailure) : 0);

/** What a run takes up beside its history, but for memo and search attributes. */
const pendingSizeBytes = ({ timers, requestIds, children, updates }: Draft, { info, summary }: ExecutionDiff): number =>
  INFO_BYTES +
  summary.activitiesSizeBytes +
  summary.callbacksSizeBytes +
  timers.size * TIMER_BYTES +
  children.size * CHILD_BYTES +
  summary.externalRequests * EXTERNAL_REQUEST_BYTES +
  requestIds.size * REQUEST_ID_BYTES +
  updates.size * UPDATE_BYTES +
  info.bufferedSizeBytes;

/** Whether the run takes up more than it may. Memo and search attributes are looked at only where they could decide. */
export function exceedsStateSize(draft: Draft, diff: ExecutionDiff): boolean {
  const { stateSizeBytes: limit, memoSizeBytes: memoLimit, searchAttributesSizeBytes } = draft.environment.limits;
  const pending = pendingSizeBytes(draft, diff);
  if (pending + memoLimit + searchAttributesSizeBytes <= limit) return false;
  const { memo, searchAttributes } = diff.info;
  return pending + memoSizeBytes(memo) + fieldsSizeBytes(searchAttributes?.indexedFields) > limit;
}
