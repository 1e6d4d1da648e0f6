import { invalidArgument } from '@duramesh/contracts';
import { type Plain, publicCodec, type temporal } from '@duramesh/proto';
import type { Clock } from '@duramesh/runtime';
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

export interface QueueConfigDeps {
  readonly row: ConfigRow;
  readonly clock: Clock;
  readonly maxWeights: number;
  /** What is configured is in force from here on. */
  readonly apply: (config: TaskQueueConfig | undefined) => void;
}

/** What operators have set for a queue, as one of its partitions knows it. */
export class QueueConfig {
  readonly #deps: QueueConfigDeps;
  #current: TaskQueueConfig | undefined;
  #readMs = Number.NEGATIVE_INFINITY;
  #updates: Promise<unknown> = Promise.resolve();

  constructor(deps: QueueConfigDeps) {
    this.#deps = deps;
  }

  /** undefined when nobody ever set anything. */
  get current(): TaskQueueConfig | undefined {
    return this.#current;
  }

  /** How old this knowledge is, where others may write. */
  get ageMs(): number {
    return this.#deps.clock.now() - this.#readMs;
  }

  async reload(): Promise<void> {
    this.#readMs = this.#deps.clock.now();
    const stored = await this.#deps.row.read();
    this.#apply(stored && codec.decode(stored));
  }

  /** Stores and applies a change; one after the other. @throws ServiceError */
  update(request: UpdateRequest): Promise<TaskQueueConfig> {
    const { row, clock, maxWeights } = this.#deps;
    const update = this.#updates.then(async () => {
      const config = updatedConfig(this.#current, request, { nowMs: clock.now(), maxWeights });
      await row.write(codec.encode(config));
      this.#apply(config);
      return config;
    });
    this.#updates = update.catch(() => undefined);
    return update;
  }

  #apply(config: TaskQueueConfig | undefined): void {
    this.#current = config;
    this.#deps.apply(config);
  }
}

/**
 * What a queue is set to after an update. What the update does not name stays.
 * @throws ServiceError INVALID_ARGUMENT when there would be too many weights
 * @see spec-matching 3.3
 */
function updatedConfig(
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
