import { invalidArgument } from '@duramesh/contracts';
import { type Plain, publicCodec, type temporal } from '@duramesh/proto';
import type { TaskQueueConfig } from './dispatch-limits.ts';

type UpdateRequest = Plain<temporal.api.workflowservice.v1.IUpdateTaskQueueConfigRequest>;
type RateLimitUpdate = UpdateRequest['updateQueueRateLimit'];
type RateLimitConfig = TaskQueueConfig['queueRateLimit'];

const codec = publicCodec<TaskQueueConfig>('temporal.api.taskqueue.v1.TaskQueueConfig');

/** The stored configuration of a queue. */
export interface ConfigRow {
  read(): Promise<Uint8Array | undefined>;
  /** Resolves once it is durable. @throws ServiceError when it is not, or not surely */
  write(config: Uint8Array): Promise<void>;
}

export const encodeConfig = (config: TaskQueueConfig): Uint8Array => codec.encode(config);
export const decodeConfig = (bytes: Uint8Array | undefined): TaskQueueConfig | undefined =>
  bytes && codec.decode(bytes);

/**
 * What a queue is set to after an update. What the update does not name stays.
 * @throws ServiceError INVALID_ARGUMENT when there would be too many weights
 * @see spec-matching 3.3
 */
export function updatedConfig(
  config: TaskQueueConfig | undefined,
  request: UpdateRequest,
  { nowMs, maxWeights }: { readonly nowMs: number; readonly maxWeights: number },
): TaskQueueConfig {
  const weights: Record<string, number> = { ...config?.fairnessWeightOverrides, ...request.setFairnessWeightOverrides };
  for (const key of request.unsetFairnessWeightOverrides ?? []) delete weights[key];
  if (Object.keys(weights).length > maxWeights) {
    throw invalidArgument('fairness weight overrides update rejected: exceeding maximum key size');
  }
  const by = { identity: request.identity ?? '', nowMs };
  return {
    queueRateLimit: updatedLimit(config?.queueRateLimit, request.updateQueueRateLimit, by),
    fairnessKeysRateLimitDefault: updatedLimit(
      config?.fairnessKeysRateLimitDefault,
      request.updateFairnessKeyRateLimitDefault,
      by,
    ),
    fairnessWeightOverrides: weights,
  };
}

function updatedLimit(
  limit: RateLimitConfig,
  update: RateLimitUpdate,
  { identity, nowMs }: { readonly identity: string; readonly nowMs: number },
): RateLimitConfig {
  if (!update) return limit;
  const updateTime = { seconds: Math.floor(nowMs / 1_000), nanos: (nowMs % 1_000) * 1_000_000 };
  const metadata = { reason: update.reason ?? '', updateIdentity: identity, updateTime };
  return { metadata, ...(update.rateLimit && { rateLimit: update.rateLimit }) };
}
