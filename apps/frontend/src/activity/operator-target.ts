import { invalidArgument, unimplemented } from '@duramesh/contracts';
import { durationProblem } from '@duramesh/engine';
import type { Plain, temporal } from '@duramesh/proto';
import type { FrontendServices } from '../rpc/handler.ts';
import { isUuid } from '@duramesh/runtime';
import type { Duration } from '../validation/durations.ts';
import { exceedsBytes } from '../validation/ids.ts';

interface Target {
  readonly execution?: Plain<temporal.api.common.v1.IWorkflowExecution> | undefined;
  readonly id?: string | undefined;
  readonly type?: string | undefined;
}

/** An operator names a workflow, and activities of it: by id, by type, or `all` of them. */
export function requireActivities({ execution, id, type }: Target, all?: boolean): void {
  if (!execution?.workflowId) throw invalidArgument('WorkflowId is not set on request.');
  if (id || type || all) return;
  throw invalidArgument('Either Activity.Id or Activity.Type should be set on request.');
}

interface OneActivity {
  readonly workflowId?: string | undefined;
  readonly activityId?: string | undefined;
  readonly runId?: string | undefined;
  readonly identity?: string | undefined;
  readonly requestId?: string | undefined;
}

/** One activity, by the id of its workflow and its own, as the older calls name it; its request has an id. */
export function requireOneActivity(
  request: OneActivity,
  { limits: { idBytes }, ids }: Pick<FrontendServices, 'limits' | 'ids'>,
) {
  const { workflowId, runId, activityId: id = '', identity, requestId } = request;
  if (!workflowId) throw unimplemented('Standalone activity is disabled');
  requireShort('request ID', requestId, idBytes);
  if (id === '') throw invalidArgument('activity ID is required');
  requireShort('activity ID', id, idBytes);
  requireShort('identity', identity, idBytes);
  if (runId && !isUuid(runId)) throw invalidArgument('invalid run id: must be a valid UUID');
  return { execution: { workflowId, runId }, id, identity, requestId: requestId || ids.uuid() };
}

function requireShort(field: string, text: string | undefined, limit: number): void {
  if (!text || !exceedsBytes(text, limit)) return;
  throw invalidArgument(`${field} exceeds length limit. Length=${Buffer.byteLength(text)} Limit=${limit}`);
}

export function requireJitter(jitter: Duration | undefined): void {
  const problem = durationProblem(jitter);
  if (problem) throw invalidArgument(`invalid jitter: ${problem}`);
}

interface OptionsUpdate {
  readonly updateMask?: { readonly paths?: readonly string[] | undefined } | undefined;
  readonly restoreOriginal?: boolean | undefined;
}

/** Options are either changed or restored. */
export function requireOneWay({ updateMask, restoreOriginal }: OptionsUpdate): void {
  if (!restoreOriginal || (updateMask?.paths?.length ?? 0) === 0) return;
  throw invalidArgument('Both UpdateMask and RestoreOriginal are provided');
}
