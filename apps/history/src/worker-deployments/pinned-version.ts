import { failedPrecondition } from '@duramesh/contracts';
import { pinnedVersionOf, type Version, versionKey } from '@duramesh/engine';
import type { HandlerParts } from '../handlers/handler.ts';
import type { RunRef } from '../shard/owner.ts';
import { rootOf } from './deployment-queues.ts';

const WORKFLOW = 1;
type Override = Parameters<typeof pinnedVersionOf>[0];

/** Whose override it is, and on which queue its run waits for workers. */
interface Pinning {
  readonly namespaceId: string;
  readonly taskQueue: string;
}

/**
 * A run is pinned only to a version that has workers on its queue: nobody else would ever take its tasks.
 * @returns the version, if there is one to be pinned to
 * @throws ServiceError FAILED_PRECONDITION
 */
export async function requirePolledVersion(
  { matching }: Pick<HandlerParts, 'matching'>,
  override: Override,
  { namespaceId, taskQueue }: Pinning,
): Promise<Version | undefined> {
  const version = pinnedVersionOf(override);
  if (!version) return undefined;
  const queue = rootOf(namespaceId, { name: taskQueue, type: WORKFLOW });
  const { versioning } = await matching.followVersions({ queue, follower: undefined });
  const own = versioning?.deployments.find(({ deploymentName }) => deploymentName === version.deploymentName);
  if (own?.buildIds.includes(version.buildId ?? '')) return version;
  throw failedPrecondition(
    `Pinned version '${versionKey(version)}' is not present in task queue '${taskQueue}' of type 'Workflow'`,
  );
}

/** The same for a run that is there: only an override needs to know on which queue it waits. */
export async function requirePolledVersionOfRun(
  parts: Pick<HandlerParts, 'matching' | 'owner'>,
  override: Override,
  ref: RunRef,
): Promise<Version | undefined> {
  if (!pinnedVersionOf(override)) return undefined;
  const { taskQueue } = (await parts.owner.read(ref)).state.info;
  return requirePolledVersion(parts, override, { namespaceId: ref.namespaceId, taskQueue });
}

/** A version that was drained has a workflow again. Only how it is shown depends on it. */
export async function tellReactivated(
  { history, deps }: Pick<HandlerParts, 'history' | 'deps'>,
  namespaceId: string,
  { deploymentName, buildId }: Version,
): Promise<void> {
  try {
    await history.reactivateVersion({ namespaceId, name: deploymentName ?? '', buildId: buildId ?? '' });
  } catch (error) {
    deps.logger.warn({ error, deploymentName, buildId }, 'a version could not be told of a workflow pinned to it');
  }
}
