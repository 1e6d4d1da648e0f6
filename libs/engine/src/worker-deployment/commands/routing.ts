import { must } from '@duramesh/runtime';
import type { EntityEnvironment } from '../../entity/archetype.ts';
import { toTimestamp } from '../../workflow/events.ts';
import { type Refusal, refusal } from '../../workflow/refusal.ts';
import { buildNotFound, deploymentNotFound, managerRefusal, tokenMismatch } from '../refusals.ts';
import { queuesOf, toBeTold, touched, withInfo, withVersion, type WorkerDeployment } from '../state.ts';
import type { DeploymentTable } from '../table.ts';
import { newVersion, startsDraining } from '../version-status.ts';
import { UNVERSIONED, type Version, versionKey, versionText } from '../versions.ts';
import { newDeployment } from './create-deployment.ts';

type Command = DeploymentTable['SetCurrentVersion']['command'];
export type RoutingConfig = NonNullable<WorkerDeployment['info']['routing']>;

export const routingOf = ({ info }: WorkerDeployment): RoutingConfig =>
  must(info.routing, 'a deployment has a routing from its beginning');

/** The version with the build id; undefined stands for workers without one. */
export const versionOf = ({ info }: WorkerDeployment, buildId: string): Version | undefined =>
  buildId === '' ? undefined : { deploymentName: info.name, buildId };

/** A deployment that the change may be made to, with the version; or why not. */
export function admitted(
  state: WorkerDeployment | undefined,
  { buildId, identity, token, mayCreate }: Command,
  environment: EntityEnvironment,
): { readonly state: WorkerDeployment } | { readonly refusal: Refusal } {
  const { id, now } = environment;
  if (!state && !mayCreate) return { refusal: deploymentNotFound(id) };
  const found = state ?? newDeployment(environment);
  const forbidden = managerRefusal(found.info.managerIdentity, identity);
  if (forbidden) return { refusal: forbidden };
  if (token !== undefined && token !== found.info.token) return { refusal: tokenMismatch };
  if (buildId === '' || found.versions.has(buildId)) return { state: found };
  if (!mayCreate) return { refusal: buildNotFound(buildId, id) };
  return { state: withVersion(found, newVersion(buildId, { now, createRequestId: '' })) };
}

/** Workers of the version would leave work of the current one undone. */
export function lackingRefusal(kind: 'current' | 'ramping', version: Version | undefined): Refusal {
  return refusal(
    'FailedPrecondition',
    `proposed ${kind} version '${versionKey(version) || UNVERSIONED}' is missing active task queues from the current ` +
      `version; these would become unversioned if it is set as the ${kind} version`,
  );
}

/** The version with this build id, if there is one, gets no new workflows from here on. */
export function drained(state: WorkerDeployment, version: Version | undefined, now: number): WorkerDeployment {
  const known = state.versions.get(version?.buildId ?? '');
  return known ? withVersion(state, startsDraining(known, now)) : state;
}

/** The deployment with another routing, which all of its queues have to hear of. */
export function rerouted(
  state: WorkerDeployment,
  change: RoutingConfig,
  { identity, now }: { readonly identity: string; readonly now: number },
): WorkerDeployment {
  const old = routingOf(state);
  const routing = { ...old, ...change, revisionNumber: (old.revisionNumber ?? 0) + 1 };
  const changed = touched(withInfo(state, { routing }), identity, now);
  return toBeTold(changed, queuesOf(changed.versions.values()));
}

/** No version ramps. */
export const withoutRamp = (now: number): RoutingConfig => ({
  rampingDeploymentVersion: undefined,
  rampingVersion: '',
  rampingVersionPercentage: 0,
  rampingVersionChangedTime: toTimestamp(now),
  rampingVersionPercentageChangedTime: toTimestamp(now),
});

export const currentOf = (version: Version | undefined, now: number): RoutingConfig => ({
  currentDeploymentVersion: version,
  currentVersion: versionText(version),
  currentVersionChangedTime: toTimestamp(now),
});
