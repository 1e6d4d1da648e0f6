import { DeploymentVersionInfo } from '@duramesh/proto';

/** temporal.api.enums.v1.WorkerDeploymentVersionStatus */
export const STATUS = { inactive: 1, current: 2, ramping: 3, draining: 4, drained: 5, created: 6 } as const;

/** How long after its last new workflow a version is looked at, and how often after that. @see spec-matching 9.3.4 */
const DRAINAGE_CHECK_MS = 180_000;

/** @param createRequestId empty when a poll makes it */
export function newVersion(buildId: string, { now, createRequestId }: { now: number; createRequestId: string }) {
  const status = createRequestId === '' ? STATUS.inactive : STATUS.created;
  return DeploymentVersionInfo.create({ buildId, status, createdMs: now, createRequestId });
}

export function becomesCurrent(version: DeploymentVersionInfo, now: number): DeploymentVersionInfo {
  return {
    ...activated(version, now),
    status: STATUS.current,
    currentSinceMs: now,
    lastCurrentMs: now,
    rampingSinceMs: 0,
    rampPercentage: 0,
  };
}

/** A change of the percentage alone does not begin the ramp anew. */
export function becomesRamping(
  version: DeploymentVersionInfo,
  rampPercentage: number,
  now: number,
): DeploymentVersionInfo {
  const rampingSinceMs = version.status === STATUS.ramping ? version.rampingSinceMs : now;
  return { ...activated(version, now), status: STATUS.ramping, rampingSinceMs, rampPercentage };
}

const activated = (version: DeploymentVersionInfo, now: number): DeploymentVersionInfo => ({
  ...version,
  routingChangedMs: now,
  firstActivationMs: version.firstActivationMs || now,
  lastDeactivationMs: 0,
  drainage: undefined,
});

/** No new workflow comes to it, unless pinned; those it has are counted until there are none left. */
export function startsDraining(version: DeploymentVersionInfo, now: number): DeploymentVersionInfo {
  return {
    ...version,
    status: STATUS.draining,
    routingChangedMs: now,
    currentSinceMs: 0,
    rampingSinceMs: 0,
    rampPercentage: 0,
    lastDeactivationMs: now,
    drainage: drainingSince(now),
  };
}

const drainingSince = (now: number): NonNullable<DeploymentVersionInfo['drainage']> => ({
  drained: false,
  changedMs: now,
  checkedMs: now,
  nextCheckMs: now + DRAINAGE_CHECK_MS,
  checkDue: false,
});

/** A workflow was pinned to a version that had none left, or never had one. */
export const drainsAgain = (version: DeploymentVersionInfo, now: number): DeploymentVersionInfo => ({
  ...version,
  status: STATUS.draining,
  drainage: drainingSince(now),
});

/** Its open workflows were counted. */
export function counted(version: DeploymentVersionInfo, open: number, now: number): DeploymentVersionInfo {
  const { drainage } = version;
  if (!drainage) return version;
  const checked = { ...drainage, checkedMs: now, checkDue: false };
  if (open > 0) return { ...version, drainage: { ...checked, nextCheckMs: now + DRAINAGE_CHECK_MS } };
  return {
    ...version,
    status: STATUS.drained,
    drainage: { ...checked, drained: true, changedMs: now, nextCheckMs: 0 },
  };
}
