import { asQueueKnows } from '@duramesh/engine';
import type { MatchingClient } from '../deps.ts';
import type { EntityRef } from '../entities/entity-owner.ts';
import type { Deployments } from './deployments.ts';
import { rootOf } from './deployment-queues.ts';

/** Queues told at one time. */
const CONCURRENCY = 16;

/** Every queue that has not heard of the last change hears of it. One that cannot be reached is told again later. */
export async function tellQueues(
  { owner, matching }: Pick<Deployments, 'owner'> & { readonly matching: MatchingClient },
  ref: EntityRef,
): Promise<void> {
  const state = await owner.find(ref);
  if (!state) return;
  const { untold, revision } = state.info;
  for (let at = 0; at < untold.length; at += CONCURRENCY) {
    const some = untold.slice(at, at + CONCURRENCY);
    await Promise.all(
      some.map((queue) =>
        matching.syncDeployment({
          queue: rootOf(ref.namespaceId, queue),
          deployment: asQueueKnows(state, queue),
        }),
      ),
    );
  }
  await owner.execute(ref, 'RecordTold', { revision });
}
