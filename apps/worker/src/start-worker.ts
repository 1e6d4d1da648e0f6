import { type Bus, createClient } from '@duramesh/bus';
import { historyContract } from '@duramesh/contracts';
import type { ClusterFacts, Store } from '@duramesh/persistence';
import type { Clock, Logger, Metrics, Random } from '@duramesh/runtime';
import { RetentionSweeper } from './retention-sweeper.ts';

export interface WorkerDeps {
  readonly store: Pick<Store, 'namespaces' | 'visibility'>;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly facts: Pick<ClusterFacts, 'historyShards'>;
  readonly member: { readonly memberId: string };
}

/** The worker service while it runs. */
export interface Worker {
  stop(): Promise<void>;
}

/** Starts the server's own background jobs. */
export async function startWorker(deps: WorkerDeps): Promise<Worker> {
  const { store, bus, clock, random, logger, metrics, facts, member } = deps;
  const partitions = facts.historyShards;
  const history = createClient(bus, historyContract, { partitions, clock, random, metrics, caller: member.memberId });
  const sweeper = new RetentionSweeper({
    namespaces: store.namespaces,
    visibility: store.visibility,
    history,
    clock,
    random,
    metrics,
    logger: logger.child({ service: 'worker' }),
  });
  sweeper.start();
  return { stop: () => sweeper.stop() };
}
