import { DeploymentVersionInfo, WorkerDeploymentInfo } from '@duramesh/proto';
import type { EntityRows } from '../entity/archetype.ts';

/** A deployment with its versions by build id. */
export interface WorkerDeployment {
  readonly info: WorkerDeploymentInfo;
  readonly versions: ReadonlyMap<string, DeploymentVersionInfo>;
}

/** Kind of the item rows. Stored. */
const VERSION = 1;

/** Versions that stay are the same objects: only the others are written. */
export function encodeDeployment(state: WorkerDeployment, before: WorkerDeployment | undefined): EntityRows {
  const upserts = [...state.versions]
    .filter(([buildId, version]) => before?.versions.get(buildId) !== version)
    .map(([key, version]) => ({ kind: VERSION, key, data: DeploymentVersionInfo.encode(version) }));
  const deletes = [...(before?.versions.keys() ?? [])]
    .filter((buildId) => !state.versions.has(buildId))
    .map((key) => ({ kind: VERSION, key }));
  return { info: WorkerDeploymentInfo.encode(state.info), upserts, deletes };
}

export function decodeDeployment(
  info: Uint8Array,
  items: readonly { readonly key: string; readonly data: Uint8Array }[],
): WorkerDeployment {
  const versions = new Map(items.map(({ key, data }) => [key, DeploymentVersionInfo.decode(data)] as const));
  return { info: WorkerDeploymentInfo.decode(info), versions };
}

export function withVersion(state: WorkerDeployment, version: DeploymentVersionInfo): WorkerDeployment {
  return { ...state, versions: new Map(state.versions).set(version.buildId, version) };
}

export const withInfo = (state: WorkerDeployment, info: Partial<WorkerDeploymentInfo>): WorkerDeployment => ({
  ...state,
  info: { ...state.info, ...info },
});

/** An operator has changed it: who has seen it before has seen something else. */
export function touched(state: WorkerDeployment, identity: string, now: number): WorkerDeployment {
  return withInfo(state, { token: Math.max(now, state.info.token + 1), lastModifierIdentity: identity });
}

type Queue = DeploymentVersionInfo['queues'][number];
const keyOf = ({ type, name }: Queue): string => `${type}/${name}`;

/** Every queue that workers of these versions poll, once. */
export function queuesOf(versions: Iterable<DeploymentVersionInfo>): readonly Queue[] {
  const queues = new Map<string, Queue>();
  for (const version of versions) for (const queue of version.queues) queues.set(keyOf(queue), queue);
  return [...queues.values()];
}

export const hasQueue = (version: DeploymentVersionInfo, queue: Queue): boolean =>
  version.queues.some((known) => keyOf(known) === keyOf(queue));

/** These queues have to hear of what is so now. */
export function toBeTold(state: WorkerDeployment, queues: readonly Queue[]): WorkerDeployment {
  if (queues.length === 0) return state;
  const all = new Map([...state.info.untold, ...queues].map((queue) => [keyOf(queue), queue]));
  return withInfo(state, { revision: state.info.revision + 1, untold: [...all.values()] });
}
