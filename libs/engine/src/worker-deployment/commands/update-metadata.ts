import { changed, refusedBy } from '../../entity/archetype.ts';
import { versionNotFound } from '../refusals.ts';
import { withVersion } from '../state.ts';
import type { DeploymentCommand } from '../table.ts';

/** What an operator notes about a version. */
export const updateMetadata: DeploymentCommand<'UpdateMetadata'> = (state, command) => {
  const { buildId, upserts, removals, identity } = command;
  const version = state?.versions.get(buildId);
  if (!state || !version) return refusedBy(versionNotFound);
  const entries = { ...version.metadata?.entries, ...upserts };
  for (const key of removals) delete entries[key];
  const next = { ...version, metadata: { entries }, lastModifierIdentity: identity };
  return changed(withVersion(state, next), { entries });
};
