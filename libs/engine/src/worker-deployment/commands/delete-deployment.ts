import { refusedBy, unchanged } from '../../entity/archetype.ts';
import { refusal } from '../../workflow/refusal.ts';
import type { DeploymentCommand } from '../table.ts';

const inUse = refusal('FailedPrecondition', "deployment has versions, can't be deleted");
const notTold = refusal('Unavailable', 'task queues have not heard yet that the versions are gone, try again shortly');

/** A deployment without versions goes. One that is not there is gone already. */
export const deleteDeployment: DeploymentCommand<'DeleteDeployment'> = (state) => {
  if (!state) return unchanged({});
  if (state.versions.size > 0) return refusedBy(inUse);
  return state.info.untold.length > 0 ? refusedBy(notTold) : { kind: 'removed', reply: {} };
};
