import { changed, refusedBy, unchanged } from '../../entity/archetype.ts';
import { refusal } from '../../workflow/refusal.ts';
import { managerRefusal } from '../refusals.ts';
import { toBeTold } from '../state.ts';
import type { DeploymentCommand } from '../table.ts';
import { STATUS } from '../version-status.ts';
import { versionKey } from '../versions.ts';

/** A version that nobody needs any more goes; its queues forget it. One that is not there is gone already. */
export const deleteVersion: DeploymentCommand<'DeleteVersion'> = (state, command, { id }) => {
  const { buildId, skipDrainage, identity, hasPollers } = command;
  const version = state?.versions.get(buildId);
  if (!state || !version) return unchanged({});
  const forbidden = identity === undefined ? undefined : managerRefusal(state.info.managerIdentity, identity);
  if (forbidden) return refusedBy(forbidden);
  const why = whyNeeded(version.status, { skipDrainage, hasPollers });
  if (why !== undefined) {
    const key = versionKey({ deploymentName: id, buildId });
    return refusedBy(refusal('FailedPrecondition', `version '${key}' cannot be deleted since it ${why}`));
  }
  const versions = new Map(state.versions);
  versions.delete(buildId);
  return changed(toBeTold({ ...state, versions }, version.queues), {});
};

function whyNeeded(
  status: number,
  { skipDrainage, hasPollers }: { readonly skipDrainage: boolean; readonly hasPollers: boolean },
): string | undefined {
  if (status === STATUS.current || status === STATUS.ramping) return 'is current or ramping';
  if (status === STATUS.draining && !skipDrainage) return 'is draining';
  return hasPollers ? 'has active pollers' : undefined;
}
