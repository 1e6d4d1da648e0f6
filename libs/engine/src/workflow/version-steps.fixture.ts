import { type Version, versionOfWorker } from '../worker-deployment/versions.ts';
import { effectiveVersion } from './effective-version.ts';
import type { ExecutionState } from './state.ts';

const VERSIONED = 2;

/** The version of a worker: half of the workers have none. */
export const versionOfStep = (which: number): Version | undefined =>
  which < 2 ? undefined : { deploymentName: 'd', buildId: `b${which}` };

/** What the worker that holds the task says of its version with its answer; one without a version says nothing. */
export function versionAnswer({ info }: ExecutionState, behavior: number) {
  const { version } = effectiveVersion(info);
  if (!version || behavior === 0) return {};
  const deploymentOptions = { ...version, workerVersioningMode: VERSIONED };
  return versionOfWorker(deploymentOptions) ? { versioningBehavior: behavior, deploymentOptions } : {};
}
