import { invalidArgument } from '@duramesh/contracts';
import { requireOneActivity, requireOneWay } from '../activity/operator-target.ts';
import { namespaceRef } from '../namespaces/namespace-ref.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { requirePriority } from '../validation/priority.ts';
import { requireRetryPolicy } from '../validation/retry-policy.ts';

const PATHS: ReadonlySet<string> = new Set([
  'task_queue.name',
  'schedule_to_close_timeout',
  'schedule_to_start_timeout',
  'start_to_close_timeout',
  'heartbeat_timeout',
  'priority',
  'priority.priority_key',
  'priority.fairness_key',
  'priority.fairness_weight',
  'retry_policy',
  'retry_policy.initial_interval',
  'retry_policy.backoff_coefficient',
  'retry_policy.maximum_interval',
  'retry_policy.maximum_attempts',
  'start_delay',
]);
const snakeCase = (path: string): string => path.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

type Request = RpcRequest<'UpdateActivityExecutionOptions'>;

/** temporal.api.workflowservice.v1.WorkflowService/UpdateActivityExecutionOptions */
export const updateActivityExecutionOptions =
  (services: FrontendServices): Handler<'UpdateActivityExecutionOptions'> =>
  async (request, call) => {
    const one = requireOneActivity(request, services);
    requireOneWay(request);
    const { updateMask, restoreOriginal } = request;
    const activityOptions = restoreOriginal ? undefined : requireOptions(request, services);
    return services.history.updateActivityOptions(
      { namespace: namespaceRef(call.namespace), request: { ...one, activityOptions, updateMask, restoreOriginal } },
      call.options(),
    );
  };

/** The options to be merged; a policy that replaces the old one is whole. */
function requireOptions({ activityOptions, updateMask }: Request, { limits }: FrontendServices) {
  if (!activityOptions) throw invalidArgument('ActivityOptions are not provided');
  if (!updateMask) throw invalidArgument('UpdateMask is not provided');
  const paths = updateMask.paths ?? [];
  if (paths.length === 0) throw invalidArgument('UpdateMask must specify at least one path');
  const unknown = paths.find((path) => !PATHS.has(snakeCase(path)));
  if (unknown !== undefined) throw invalidArgument(`unsupported update_mask path: ${JSON.stringify(unknown)}`);
  if (paths.some((path) => path.startsWith('priority'))) {
    requirePriority(activityOptions.priority, limits.fairnessKeyBytes);
  }
  if (!paths.some((path) => snakeCase(path) === 'retry_policy')) return activityOptions;
  return { ...activityOptions, retryPolicy: requireRetryPolicy(activityOptions.retryPolicy ?? {}) };
}
