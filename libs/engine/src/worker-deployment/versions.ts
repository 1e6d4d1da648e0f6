import type { Plain, temporal } from '@duramesh/proto';

export type Version = Plain<temporal.api.deployment.v1.IWorkerDeploymentVersion>;

/** How workers without a version are called where there is a text for one. */
export const UNVERSIONED = '__unversioned__';

/** How older clients write a version, and most texts. */
export const versionText = (version: Version | undefined): string =>
  version ? `${version.deploymentName ?? ''}.${version.buildId ?? ''}` : UNVERSIONED;

/** How search attributes and newer texts write it: deployments have no colon in their name. Empty for no version. */
export const versionKey = (version: Version | undefined): string =>
  version ? `${version.deploymentName ?? ''}:${version.buildId ?? ''}` : '';

const TEXT = /^([^.]+)\.(.+)$/s;

/** A version as older clients write it; undefined for any other text. */
export function versionOfText(text: string): Version | undefined {
  const [, deploymentName, buildId] = TEXT.exec(text) ?? [];
  return deploymentName === undefined ? undefined : { deploymentName, buildId };
}

export const isSameVersion = (a: Version | undefined, b: Version | undefined): boolean =>
  versionKey(a) === versionKey(b);

interface DeploymentOptions {
  readonly deploymentName?: string | undefined;
  readonly buildId?: string | undefined;
  readonly workerVersioningMode?: number | undefined;
}
/** temporal.api.enums.v1.WorkerVersioningMode */
const VERSIONED = 2;

/** The version a worker belongs to, if it takes part in versioning. */
export function versionOfWorker(options: DeploymentOptions | undefined): Version | undefined {
  if (options?.workerVersioningMode !== VERSIONED) return undefined;
  return { deploymentName: options.deploymentName ?? '', buildId: options.buildId ?? '' };
}

/** @see temporal.api.enums.v1.VersioningBehavior */
export const BEHAVIOR = { unspecified: 0, pinned: 1, autoUpgrade: 2 } as const;
