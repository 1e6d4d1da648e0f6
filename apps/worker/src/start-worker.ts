import { type Bus, createClient } from '@duramesh/bus';
import { historyContract } from '@duramesh/contracts';
import type { ClusterFacts, Store } from '@duramesh/persistence';
import type { Clock, Logger, Metrics, Random, Tracer } from '@duramesh/runtime';
import { RetentionSweeper } from './retention-sweeper.ts';

export interface WorkerDeps {
  readonly store: Pick<Store, 'namespaces' | 'visibility'>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Records nothing unless given. */
  readonly tracer?: Tracer | undefined;
  /** How often expired runs are looked for. */
  readonly sweepEveryMs?: number | undefined;
  readonly facts: Pick<ClusterFacts, 'historyShards'>;
  readonly member: { readonly memberId: string };
}

/** The worker service while it runs. */
export interface Worker {
  stop(): Promise<void>;
}

/** Starts the server's own background jobs. */
export async function startWorker(deps: WorkerDeps): Promise<Worker> {
  const { store, bus, clock, random, logger, metrics, tracer, facts, member, sweepEveryMs } = deps;
  const partitions = facts.historyShards;
  const history = createClient(bus, historyContract, {
    partitions,
    clock,
    random,
    metrics,
    tracer,
    caller: member.memberId,
  });
  const sweeper = new RetentionSweeper({
    namespaces: store.namespaces,
    visibility: store.visibility,
    history,
    clock,
    random,
    metrics,
    tracer,
    sweepEveryMs,
    logger: logger.child({ service: 'worker' }),
  });
  sweeper.start();
  return { stop: () => sweeper.stop() };
}
