import { invalidArgument } from '@duramesh/contracts';
import type { FrontendLimits } from '../limits.ts';
import type { RpcRequest } from '../rpc/rpc-types.ts';
import { exceedsBytes } from './ids.ts';
import { TaskQueueType } from './task-queue.ts';

type Request = RpcRequest<'UpdateTaskQueueConfig'>;

/** Refuses the first offence in the reference's order. @see spec-matching 3.3 */
export function requireTaskQueueConfig(request: Request, limits: FrontendLimits): void {
  const { updateQueueRateLimit: queueLimit, updateFairnessKeyRateLimitDefault: keyLimit } = request;
  const type = request.taskQueueType || TaskQueueType.WORKFLOW;
  if (type === TaskQueueType.WORKFLOW && queueLimit?.rateLimit) {
    throw invalidArgument('Setting rate limit on workflow task queues is not allowed.');
  }
  if (type === TaskQueueType.WORKFLOW && keyLimit?.rateLimit) {
    throw invalidArgument('Setting fairness key rate limit on workflow task queues is not allowed.');
  }
  requireText('Identity', request.identity, limits.idBytes);
  requireRateLimit('UpdateQueueRateLimit', queueLimit, limits);
  requireRateLimit('UpdateFairnessKeyRateLimitDefault', keyLimit, limits);
  requireWeights(request, limits);
}

function requireRateLimit(name: string, update: Request['updateQueueRateLimit'], limits: FrontendLimits): void {
  // What is not a number is not above zero either.
  if (!((update?.rateLimit?.requestsPerSecond ?? 0) >= 0)) {
    throw invalidArgument(`RequestsPerSecond for ${name} rate limit must be non-negative.`);
  }
  requireText(`${name}.Reason`, update?.reason, limits.reasonLength);
}

function requireText(name: string, text: string | undefined, most: number): void {
  if (exceedsBytes(text ?? '', most)) throw invalidArgument(`${name} field too long (max ${most} characters).`);
}

function requireWeights(request: Request, { fairnessWeights, fairnessKeyBytes }: FrontendLimits): void {
  const { setFairnessWeightOverrides: set = {}, unsetFairnessWeightOverrides: unset = [] } = request;
  const count = Object.keys(set).length + unset.length;
  if (count > fairnessWeights) {
    throw invalidArgument(`too many fairness weight overrides in request: got ${count}, maximum ${fairnessWeights}`);
  }
  for (const key of [...Object.keys(set).toSorted(), ...unset]) {
    if (key === '') throw invalidArgument('fairness weight override key must not be empty');
    if (exceedsBytes(key, fairnessKeyBytes)) throw invalidArgument('fairness key length exceeds limit');
  }
  for (const [key, weight] of Object.entries(set)) {
    if (weight > 0) continue;
    throw invalidArgument(`invalid fairness weight weight for key "${key}": must be greater than zero`);
  }
  const both = unset.find((key) => Object.hasOwn(set, key));
  if (both !== undefined) {
    throw invalidArgument(`fairness weight override key "${both}" present in both set and unset lists`);
  }
}
