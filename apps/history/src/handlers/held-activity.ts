import { invalidArgument } from '@duramesh/contracts';
import type { HeldActivity } from '@duramesh/engine';
import { type ActivityRef, ActivityTaskToken, type NamespaceRef } from '@duramesh/proto';
import type { RunRef } from '../shard/owner.ts';
import { namespaceOf } from './handler.ts';

interface ActivityCall {
  readonly namespace?: NamespaceRef | undefined;
  readonly activity?: ActivityRef | undefined;
}

/**
 * Which activity of which run a worker speaks of.
 * @throws ServiceError INVALID_ARGUMENT when the token is none of ours
 */
export function heldActivity(call: ActivityCall): { readonly ref: RunRef; readonly held: HeldActivity } {
  const namespace = namespaceOf(call);
  const namespaceId = namespace.id;
  const { activity } = call;
  if (!activity) throw invalidArgument('ActivityId is not set on request.');
  if (activity.activityId !== '') {
    const { workflowId, runId, activityId } = activity;
    return { ref: { namespaceId, namespace, workflowId, runId }, held: { by: 'id', activityId } };
  }
  const { workflowId, runId, scheduledEventId, attempt, startVersion } = decode(activity.token);
  return {
    ref: { namespaceId, namespace, workflowId, runId },
    held: { by: 'token', scheduledEventId, attempt, startVersion },
  };
}

function decode(token: Uint8Array): ActivityTaskToken {
  try {
    return ActivityTaskToken.decode(token);
  } catch {
    throw invalidArgument('error deserializing task token');
  }
}
