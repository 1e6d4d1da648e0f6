import type { RunVersioning } from '@duramesh/proto';
import { BEHAVIOR, isSameVersion, type Version } from '../worker-deployment/versions.ts';
import type { Draft } from './draft.ts';
import { settledVersion } from './effective-version.ts';
import { type Attributes, EVENT_TYPES, type HistoryEvent } from './events.ts';
import { dispatchActivityOf } from './outstanding.ts';
import { isPaused } from './paused.ts';
import { waitsForWorker } from './summary.ts';
import { tellVersion } from './worker-facts.ts';

/** temporal.api.enums.v1.ContinueAsNewVersioningBehavior */
const USE_RAMPING = 2;

const NONE: RunVersioning = {
  behavior: BEHAVIOR.unspecified,
  version: undefined,
  transition: undefined,
  useRamping: false,
};

/** A worker of another version takes a task: the run is with that version once it completes one. */
export function beginTransition({ info }: Draft, worker: Version | undefined): void {
  info.versioning = { ...(info.versioning ?? NONE), transition: { to: worker } };
}

/** What a worker that has completed a workflow task says of its version. */
export function takeVersion(draft: Draft, attributes: Attributes<'WorkflowTaskCompleted'>): void {
  const { info } = draft;
  const before = info.versioning;
  const { versioningBehavior: behavior = BEHAVIOR.unspecified, deploymentVersion } = attributes;
  if (behavior === BEHAVIOR.unspecified && !before) return;
  const version = behavior === BEHAVIOR.unspecified ? undefined : deploymentVersion;
  const isVersioned = behavior !== BEHAVIOR.unspecified || before?.behavior !== BEHAVIOR.unspecified;
  info.versioning = isVersioned ? { ...NONE, behavior, version } : undefined;
  if (isVersioned) {
    info.versioningKnown = true;
    endOneTimeOverride(draft, version);
    tellVersion(draft, settledVersion(info));
  }
}

/** An override for one task is done with, unless it came while the worker was at this one: then it is for the next. */
function endOneTimeOverride(draft: Draft, version: Version | undefined): void {
  const { info } = draft;
  const target = info.versioningOverride?.oneTime?.targetDeploymentVersion;
  if (!target || !isSameVersion(target, version)) return;
  const isUpdate = ({ eventType }: HistoryEvent): boolean => eventType === EVENT_TYPES.WorkflowExecutionOptionsUpdated;
  if (!draft.findBuffered(isUpdate)) info.versioningOverride = undefined;
}

/** Whether a run has come to another version, or was about to. */
export const hasMoved = (before: RunVersioning | undefined, after: RunVersioning | undefined): boolean =>
  before?.transition !== undefined || !isSameVersion(before?.version, after?.version);

/** Activities that wait for a worker wait for one of the version that the run is with now. */
export function sendActivitiesAnew(draft: Draft): void {
  const { info, activities } = draft;
  if (isPaused(info)) return;
  for (const activity of activities.values()) {
    if (!waitsForWorker(activity)) continue;
    const anew = { ...activity, stamp: activity.stamp + 1 };
    activities.set(activity.scheduledEventId, anew);
    draft.tasks.push(dispatchActivityOf(anew, info));
  }
}

/** What a run begins with. */
export function startVersioning(draft: Draft, attributes: Attributes<'WorkflowExecutionStarted'>): void {
  const { info } = draft;
  const { inheritedPinnedVersion: pinned, inheritedAutoUpgradeInfo: upgrade, versioningOverride } = attributes;
  if (pinned) info.versioning = { ...NONE, behavior: BEHAVIOR.pinned, version: pinned };
  else if (upgrade) {
    const useRamping = upgrade.continueAsNewInitialVersioningBehavior === USE_RAMPING;
    info.versioning = {
      ...NONE,
      behavior: BEHAVIOR.autoUpgrade,
      version: upgrade.sourceDeploymentVersion,
      useRamping,
    };
  }
  if (info.versioning) info.versioningKnown = true;
  if (info.versioning || versioningOverride) tellVersion(draft, settledVersion(info));
}
