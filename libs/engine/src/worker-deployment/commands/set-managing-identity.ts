import { changed, refusedBy } from '../../entity/archetype.ts';
import { deploymentNotFound, tokenMismatch } from '../refusals.ts';
import { touched, withInfo } from '../state.ts';
import type { DeploymentCommand } from '../table.ts';

/** From here on only this identity changes the deployment; the empty one leaves it to everybody. */
export const setManager: DeploymentCommand<'SetManager'> = (state, { manager, identity, token }, { id, now }) => {
  if (!state) return refusedBy(deploymentNotFound(id));
  if (token !== undefined && token !== state.info.token) return refusedBy(tokenMismatch);
  const previous = state.info.managerIdentity;
  const next = touched(withInfo(state, { managerIdentity: manager }), identity, now);
  return changed(next, { token: next.info.token, previous });
};
