import { changed, unchanged } from '../../entity/archetype.ts';
import { withVersion } from '../state.ts';
import type { DeploymentCommand } from '../table.ts';
import { counted, drainsAgain, STATUS } from '../version-status.ts';

/** A version is drained once no open workflow is pinned to it. */
export const recordDrainage: DeploymentCommand<'RecordDrainage'> = (state, { buildId, open }, { now }) => {
  const version = state?.versions.get(buildId);
  if (!state || !version?.drainage?.checkDue) return unchanged({});
  return changed(withVersion(state, counted(version, open, now)), {});
};

/** A workflow was pinned to it: it has to be counted again. */
export const reactivateVersion: DeploymentCommand<'ReactivateVersion'> = (state, { buildId }, { now }) => {
  const version = state?.versions.get(buildId);
  const isAtRest = version?.status === STATUS.drained || version?.status === STATUS.inactive;
  return state && version && isAtRest ? changed(withVersion(state, drainsAgain(version, now)), {}) : unchanged({});
};
