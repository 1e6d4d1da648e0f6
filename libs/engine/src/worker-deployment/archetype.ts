import type { Archetype, EntityTask } from '../entity/archetype.ts';
import { createDeployment } from './commands/create-deployment.ts';
import { createVersion } from './commands/create-version.ts';
import { deleteDeployment } from './commands/delete-deployment.ts';
import { deleteVersion } from './commands/delete-version.ts';
import { reactivateVersion, recordDrainage } from './commands/record-drainage.ts';
import { recordTold } from './commands/record-told.ts';
import { registerWorker } from './commands/register-worker.ts';
import { setCurrentVersion } from './commands/set-current-version.ts';
import { setManager } from './commands/set-managing-identity.ts';
import { setRampingVersion } from './commands/set-ramping-version.ts';
import { updateMetadata } from './commands/update-metadata.ts';
import { encodeSummary } from './describe.ts';
import { decodeDeployment, encodeDeployment, withVersion, type WorkerDeployment } from './state.ts';
import type { DeploymentTable } from './table.ts';

/** Work that a deployment waits for. */
export type DeploymentTask = EntityTask &
  ({ readonly type: 'TellQueues' } | { readonly type: 'CountPinned'; readonly buildId: string });

/** Worker deployments with their versions. @see spec-matching 9.3 */
export const workerDeployments: Archetype<WorkerDeployment, DeploymentTable> = {
  name: 'worker-deployment',
  commands: {
    CreateDeployment: createDeployment,
    CreateVersion: createVersion,
    RegisterWorker: registerWorker,
    SetCurrentVersion: setCurrentVersion,
    SetRampingVersion: setRampingVersion,
    SetManager: setManager,
    UpdateMetadata: updateMetadata,
    DeleteVersion: deleteVersion,
    DeleteDeployment: deleteDeployment,
    RecordTold: recordTold,
    RecordDrainage: recordDrainage,
    ReactivateVersion: reactivateVersion,
  },
  encode: encodeDeployment,
  decode: decodeDeployment,
  wakeUp(state, now) {
    let next = state;
    for (const version of state.versions.values()) {
      const { drainage } = version;
      if (!drainage || drainage.nextCheckMs === 0 || drainage.nextCheckMs > now) continue;
      next = withVersion(next, { ...version, drainage: { ...drainage, nextCheckMs: 0, checkDue: true } });
    }
    return next;
  },
  nextWakeMs({ versions }) {
    const checks = [...versions.values()].map(({ drainage }) => drainage?.nextCheckMs ?? 0).filter((at) => at > 0);
    return checks.length === 0 ? 0 : Math.min(...checks);
  },
  outstanding({ info, versions }): readonly DeploymentTask[] {
    const due = [...versions.values()].filter(({ drainage }) => drainage?.checkDue);
    const counts = due.map(
      ({ buildId }) => ({ type: 'CountPinned', name: `CountPinned/${buildId}`, buildId }) as const,
    );
    if (info.untold.length === 0) return counts;
    return [{ type: 'TellQueues', name: `TellQueues/${info.revision}` }, ...counts];
  },
  listing: (state) => ({ startTimeMs: state.info.createdMs, summary: encodeSummary(state) }),
};
