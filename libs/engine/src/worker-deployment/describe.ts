import { type DeploymentVersionInfo, type Plain, publicCodec, type temporal } from '@duramesh/proto';
import { toTimestamp } from '../workflow/events.ts';
import type { WorkerDeployment } from './state.ts';
import { type Version, versionText } from './versions.ts';

type Api<T> = Plain<T>;
type DeploymentInfo = Api<temporal.api.deployment.v1.IWorkerDeploymentInfo>;
type VersionInfo = Api<temporal.api.deployment.v1.IWorkerDeploymentVersionInfo>;
type VersionSummary = Api<temporal.api.deployment.v1.WorkerDeploymentInfo.IWorkerDeploymentVersionSummary>;
type Summary = Api<temporal.api.workflowservice.v1.ListWorkerDeploymentsResponse.IWorkerDeploymentSummary>;

/** temporal.api.enums.v1.RoutingConfigUpdateState */
const UPDATE = { inProgress: 1, completed: 2 } as const;
/** temporal.api.enums.v1.VersionDrainageStatus */
const DRAINAGE = { draining: 1, drained: 2 } as const;

const timeOf = (ms: number): ReturnType<typeof toTimestamp> | undefined => (ms > 0 ? toTimestamp(ms) : undefined);

function drainageOf({ drainage }: DeploymentVersionInfo): VersionInfo['drainageInfo'] {
  if (!drainage) return undefined;
  return {
    status: drainage.drained ? DRAINAGE.drained : DRAINAGE.draining,
    lastChangedTime: timeOf(drainage.changedMs),
    lastCheckedTime: timeOf(drainage.checkedMs),
  };
}

/** What the description of a version and its summary have in common. */
function common(deploymentName: string, version: DeploymentVersionInfo) {
  const deploymentVersion = { deploymentName, buildId: version.buildId };
  return {
    version: versionText(deploymentVersion),
    deploymentVersion,
    status: version.status,
    createTime: timeOf(version.createdMs),
    drainageInfo: drainageOf(version),
    currentSinceTime: timeOf(version.currentSinceMs),
    rampingSinceTime: timeOf(version.rampingSinceMs),
    firstActivationTime: timeOf(version.firstActivationMs),
    lastCurrentTime: timeOf(version.lastCurrentMs),
    lastDeactivationTime: timeOf(version.lastDeactivationMs),
  };
}

function summaryOf(deploymentName: string, version: DeploymentVersionInfo): VersionSummary {
  const shown = common(deploymentName, version);
  return {
    ...shown,
    drainageStatus: shown.drainageInfo?.status,
    routingUpdateTime: timeOf(version.routingChangedMs),
  };
}

const newestFirst = (state: WorkerDeployment): readonly DeploymentVersionInfo[] =>
  [...state.versions.values()].sort((a, b) => b.createdMs - a.createdMs);

/** A deployment as DescribeWorkerDeployment shows it. */
export function describeDeployment(state: WorkerDeployment): DeploymentInfo {
  const { info } = state;
  return {
    name: info.name,
    versionSummaries: newestFirst(state).map((version) => summaryOf(info.name, version)),
    createTime: timeOf(info.createdMs),
    routingConfig: info.routing,
    lastModifierIdentity: info.lastModifierIdentity,
    managerIdentity: info.managerIdentity,
    routingConfigUpdateState: info.untold.length > 0 ? UPDATE.inProgress : UPDATE.completed,
  };
}

/** A version as DescribeWorkerDeploymentVersion shows it. */
export function describeVersion(deploymentName: string, version: DeploymentVersionInfo): VersionInfo {
  return {
    ...common(deploymentName, version),
    routingChangedTime: timeOf(version.routingChangedMs),
    rampPercentage: version.rampPercentage,
    taskQueueInfos: version.queues,
    metadata: version.metadata,
    computeConfig: version.computeConfig,
    lastModifierIdentity: version.lastModifierIdentity,
  };
}

let summaryCodec: ReturnType<typeof publicCodec<Summary>> | undefined;
const codec = () =>
  (summaryCodec ??= publicCodec<Summary>(
    'temporal.api.workflowservice.v1.ListWorkerDeploymentsResponse.WorkerDeploymentSummary',
  ));

/** A deployment as lists show it. */
export function encodeSummary(state: WorkerDeployment): Uint8Array {
  const { info, versions } = state;
  const of = (version: Version | undefined): VersionSummary | undefined => {
    const known = versions.get(version?.buildId ?? '');
    return known && summaryOf(info.name, known);
  };
  const [latest] = newestFirst(state);
  return codec().encode({
    name: info.name,
    createTime: timeOf(info.createdMs),
    routingConfig: info.routing,
    latestVersionSummary: latest && summaryOf(info.name, latest),
    currentVersionSummary: of(info.routing?.currentDeploymentVersion),
    rampingVersionSummary: of(info.routing?.rampingDeploymentVersion),
  });
}

export const decodeSummary = (data: Uint8Array): Summary => codec().decode(data);

/** What a queue says about versions when it is described. */
export function describeRoute(route: {
  readonly current: Version | undefined;
  readonly ramping: Version | undefined;
  readonly percentage: number;
  readonly isRamping: boolean;
  readonly updatedMs: number;
}): Api<temporal.api.taskqueue.v1.ITaskQueueVersioningInfo> {
  return {
    currentDeploymentVersion: route.current,
    currentVersion: versionText(route.current),
    rampingDeploymentVersion: route.ramping,
    rampingVersion: route.isRamping ? versionText(route.ramping) : '',
    rampingVersionPercentage: route.percentage,
    updateTime: toTimestamp(route.updatedMs),
  };
}
