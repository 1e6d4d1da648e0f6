import { must } from '@duramesh/runtime';
import { changed, refusedBy, unchanged } from '../../entity/archetype.ts';
import { toTimestamp } from '../../workflow/events.ts';
import { refusal } from '../../workflow/refusal.ts';
import { withVersion } from '../state.ts';
import type { DeploymentCommand } from '../table.ts';
import { becomesRamping } from '../version-status.ts';
import { versionText } from '../versions.ts';
import { admitted, drained, lackingRefusal, rerouted, routingOf, versionOf, withoutRamp } from './routing.ts';

/**
 * Part of the workflows come to this version, or to workers without one. With no version and no part the ramp is over.
 * @see spec-matching 9.3.6
 */
export const setRampingVersion: DeploymentCommand<'SetRampingVersion'> = (before, command, environment) => {
  const found = admitted(before, command, environment);
  if ('refusal' in found) return refusedBy(found.refusal);
  const { state } = found;
  const { buildId, identity, percentage, lacksQueues } = command;
  const { now } = environment;
  const routing = routingOf(state);
  const previousText = routing.rampingVersion ?? '';
  const previous = routing.rampingDeploymentVersion;
  const previousPercentage = routing.rampingVersionPercentage ?? 0;
  const isOver = buildId === '' && percentage === 0;
  const version = versionOf(state, buildId);
  const text = isOver ? '' : versionText(version);
  if (text !== '' && text === routing.currentVersion) {
    return refusedBy(refusal('FailedPrecondition', `requested ramping version ${text} is already current`));
  }
  const told = { previous, previousText, previousPercentage };
  const isKept = text === previousText;
  if (isKept && percentage === previousPercentage && state.info.lastModifierIdentity === identity) {
    return unchanged({ ...told, token: state.info.token });
  }
  if (!isKept && lacksQueues) return refusedBy(lackingRefusal('ramping', version));
  let next = isKept ? state : drained(state, previous, now);
  if (version) {
    const ramping = must(next.versions.get(buildId), 'the version was looked up');
    next = withVersion(next, becomesRamping(ramping, percentage, now));
  }
  const ramp = {
    rampingDeploymentVersion: version,
    rampingVersion: text,
    rampingVersionPercentage: percentage,
    rampingVersionPercentageChangedTime: toTimestamp(now),
    ...(!isKept && { rampingVersionChangedTime: toTimestamp(now) }),
  };
  next = rerouted(next, isOver ? withoutRamp(now) : ramp, { identity, now });
  return changed(next, { ...told, token: next.info.token });
};
