import type { ExecutionInfo, VersionDirective } from '@duramesh/proto';
import { BEHAVIOR, isSameVersion, type Version } from '../worker-deployment/versions.ts';
import type { Attributes } from './events.ts';

/** Which workers a run is with. */
export interface Effective {
  /** temporal.api.enums.v1.VersioningBehavior */
  readonly behavior: number;
  /** Absent: workers without a version. */
  readonly version: Version | undefined;
}

/** As operators and workers have said it, whoever is at work now. @see spec-matching 9.3.8 */
export function settledVersion({ versioning, versioningOverride: override }: ExecutionInfo): Effective {
  const version = versioning?.version;
  const pinnedTo = override?.pinned?.version ?? override?.oneTime?.targetDeploymentVersion;
  if (pinnedTo) return { behavior: BEHAVIOR.pinned, version: pinnedTo };
  if (override?.autoUpgrade) return { behavior: BEHAVIOR.autoUpgrade, version };
  return { behavior: versioning?.behavior ?? BEHAVIOR.unspecified, version };
}

/** Who is at work: a run that changes over to another version is with that one. */
export function effectiveVersion(info: ExecutionInfo): Effective {
  const transition = info.versioning?.transition;
  return transition ? { behavior: BEHAVIOR.autoUpgrade, version: transition.to } : settledVersion(info);
}

/** What matching is told of the workers of a run; undefined when there is nothing to tell. */
export function directiveOf(info: ExecutionInfo): VersionDirective | undefined {
  if (!info.versioning && !info.versioningOverride) return undefined;
  const { behavior, version } = effectiveVersion(info);
  return { behavior, deploymentVersion: version, useRamping: info.versioning?.useRamping ?? false };
}

/** Whether a worker of this version means a change of version for the run. */
export function movesTo(info: ExecutionInfo, worker: Version | undefined): boolean {
  if (!worker && !info.versioning) return false;
  const { behavior, version } = effectiveVersion(info);
  return behavior !== BEHAVIOR.pinned && !isSameVersion(worker, version);
}

type Inherited = Pick<Attributes<'WorkflowExecutionStarted'>, 'inheritedPinnedVersion' | 'inheritedAutoUpgradeInfo'>;

/**
 * What a child or the next run takes over.
 * @param isPolled whether workers of the version poll its task queue
 * @param initialBehavior with which the workflow asked to begin anew; 0 when it did not
 */
export function inheritedVersion(
  { versioning }: ExecutionInfo,
  { isPolled, initialBehavior = 0 }: { readonly isPolled: boolean; readonly initialBehavior?: number },
): Inherited {
  if (!versioning?.version || versioning.behavior === BEHAVIOR.unspecified) return {};
  const source = { sourceDeploymentVersion: versioning.version };
  if (initialBehavior > 0) {
    return { inheritedAutoUpgradeInfo: { ...source, continueAsNewInitialVersioningBehavior: initialBehavior } };
  }
  if (versioning.behavior === BEHAVIOR.autoUpgrade) return { inheritedAutoUpgradeInfo: source };
  return isPolled ? { inheritedPinnedVersion: versioning.version } : {};
}
