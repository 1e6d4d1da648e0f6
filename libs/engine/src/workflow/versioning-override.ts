import type { ExecutionInfo, Plain, temporal } from '@duramesh/proto';
import { settledVersion } from './effective-version.ts';
import { BEHAVIOR, type Version, versionOfText, versionText } from '../worker-deployment/versions.ts';

export type VersioningOverride = Plain<temporal.api.workflow.v1.IVersioningOverride>;
type VersioningInfo = Plain<temporal.api.workflow.v1.IWorkflowExecutionVersioningInfo>;

/** temporal.api.enums.v1.ContinueAsNewVersioningBehavior */
const USE_RAMPING = 2;
/** @see temporal.api.workflow.v1.VersioningOverride.PinnedOverrideBehavior */
const PINNED = 1;
const BEHAVIOR_NAMES = ['Unspecified', 'Pinned', 'AutoUpgrade'];

/** What is wrong with an override, if anything. The older fields are understood beside the newer ones. @see spec-history 8.3 */
export function overrideProblem(override: VersioningOverride | undefined): string | undefined {
  if (!override) return undefined;
  const { pinned, oneTime } = override;
  if (override.autoUpgrade) return undefined;
  if (pinned) {
    if (!pinned.version) return 'must provide version if override is pinned.';
    return pinned.behavior ? undefined : 'must specify pinned override behavior if override is pinned.';
  }
  if (oneTime) {
    const hasTarget = oneTime.targetDeploymentVersion !== undefined;
    return hasTarget ? undefined : 'must provide target deployment version if override is one-time.';
  }
  return olderProblem(override);
}

function olderProblem({ behavior = 0, deployment, pinnedVersion = '' }: VersioningOverride): string | undefined {
  switch (behavior) {
    case BEHAVIOR.pinned:
      if (deployment) return olderDeploymentProblem(deployment);
      if (pinnedVersion === '') {
        return "must provide deployment (deprecated) or pinned version if behavior is 'PINNED'";
      }
      if (versionOfText(pinnedVersion)) return undefined;
      return `invalid version string: ${pinnedVersion}, expected format is "<deployment_name>.<build_id>"`;
    case BEHAVIOR.autoUpgrade:
      if (deployment) return "only provide deployment if behavior is 'PINNED'";
      return pinnedVersion === '' ? undefined : "only provide pinned version if behavior is 'PINNED'";
    case BEHAVIOR.unspecified:
      return 'override behavior is required';
    default:
      return `override behavior ${String(behavior)} not recognized`;
  }
}

function olderDeploymentProblem({ seriesName, buildId }: NonNullable<VersioningOverride['deployment']>) {
  if (!seriesName) return 'deployment series name cannot be empty';
  return buildId ? undefined : 'deployment build ID cannot be empty';
}

/** An override as it is kept: by the newer fields alone. */
export function storedOverride(override: VersioningOverride): VersioningOverride {
  const { deployment, pinnedVersion, behavior } = override;
  const older: Version | undefined = deployment
    ? { deploymentName: deployment.seriesName, buildId: deployment.buildId }
    : versionOfText(pinnedVersion ?? '');
  if (older) return { pinned: { behavior: PINNED, version: older } };
  if (override.pinned) return { pinned: override.pinned };
  if (override.oneTime) return { oneTime: override.oneTime };
  return behavior === BEHAVIOR.autoUpgrade || override.autoUpgrade ? { autoUpgrade: true } : {};
}

const behaviorOf = (override: VersioningOverride | undefined): number => {
  if (override?.pinned) return BEHAVIOR.pinned;
  return override?.autoUpgrade ? BEHAVIOR.autoUpgrade : BEHAVIOR.unspecified;
};

/** What a child takes over: an override that names a version, as long as it is polled for by the same workers. */
export function inheritedOverride(
  { versioningOverride: override }: ExecutionInfo,
  isPolled: boolean,
): VersioningOverride | undefined {
  const namesVersion = override?.pinned ?? override?.oneTime;
  return namesVersion && isPolled ? override : undefined;
}

/** The name that the effective behavior of a run has in texts. */
export const behaviorName = (info: ExecutionInfo): string => BEHAVIOR_NAMES[settledVersion(info).behavior] ?? '';

/** An override that pins without saying to what means the version that the run is pinned to already, if it is to any. */
export function completedOverride(
  info: ExecutionInfo,
  asked: VersioningOverride | undefined,
): VersioningOverride | undefined {
  if (!asked?.pinned?.behavior || asked.pinned.version) return asked;
  const { behavior, version } = settledVersion(info);
  return version && behavior === BEHAVIOR.pinned ? { ...asked, pinned: { ...asked.pinned, version } } : undefined;
}

/** As describe shows it: by the older fields, too. */
export function describeVersioning(info: ExecutionInfo): VersioningInfo | undefined {
  if (!info.versioningKnown && !info.versioning) return undefined;
  return { ...describeVersion(info), ...describeOverride(info) };
}

function describeVersion({ versioning }: ExecutionInfo): VersioningInfo {
  if (!versioning) return {};
  const { behavior, version, transition, useRamping } = versioning;
  return {
    behavior,
    version: version && versionText(version),
    deploymentVersion: version,
    versionTransition: transition && { version: versionText(transition.to), deploymentVersion: transition.to },
    continueAsNewInitialVersioningBehavior: useRamping ? USE_RAMPING : 0,
  };
}

function describeOverride({ versioningOverride }: ExecutionInfo): VersioningInfo {
  if (!versioningOverride) return {};
  const version = versioningOverride.pinned?.version;
  const pinnedVersion = version ? `${version.deploymentName}.${version.buildId}` : '';
  return { versioningOverride: { ...versioningOverride, behavior: behaviorOf(versioningOverride), pinnedVersion } };
}

/** The version that an override binds a run to, if it does. */
export function pinnedVersionOf(override: VersioningOverride | undefined): Version | undefined {
  if (!override) return undefined;
  const { pinned, oneTime } = storedOverride(override);
  return pinned?.version ?? oneTime?.targetDeploymentVersion;
}
