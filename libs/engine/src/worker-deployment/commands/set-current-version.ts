import { must } from '@duramesh/runtime';
import { changed, refusedBy, unchanged } from '../../entity/archetype.ts';
import { withVersion } from '../state.ts';
import type { DeploymentCommand } from '../table.ts';
import { becomesCurrent } from '../version-status.ts';
import { isSameVersion } from '../versions.ts';
import {
  admitted,
  currentOf,
  drained,
  lackingRefusal,
  rerouted,
  routingOf,
  versionOf,
  withoutRamp,
} from './routing.ts';

/** New workflows, and those that go with the times, come to this version. @see spec-matching 9.3.6 */
export const setCurrentVersion: DeploymentCommand<'SetCurrentVersion'> = (before, command, environment) => {
  const found = admitted(before, command, environment);
  if ('refusal' in found) return refusedBy(found.refusal);
  const { state } = found;
  const { buildId, identity, lacksQueues } = command;
  const { now } = environment;
  const version = versionOf(state, buildId);
  const routing = routingOf(state);
  const previous = routing.currentDeploymentVersion;
  const isKept = before !== undefined && isSameVersion(previous, version);
  if (isKept && state.info.lastModifierIdentity === identity) return unchanged({ token: state.info.token, previous });
  if (lacksQueues) return refusedBy(lackingRefusal('current', version));
  let next = isKept ? state : drained(state, previous, now);
  if (version) {
    next = withVersion(next, becomesCurrent(must(next.versions.get(buildId), 'the version was looked up'), now));
  }
  const endsRamp = version !== undefined && isSameVersion(routing.rampingDeploymentVersion, version);
  const change = { ...currentOf(version, now), ...(endsRamp && withoutRamp(now)) };
  next = rerouted(next, change, { identity, now });
  return changed(next, { token: next.info.token, previous });
};
