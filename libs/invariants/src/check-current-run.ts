import { RunState } from '@duramesh/proto';
import type { RunRecord } from '@duramesh/persistence';
import type { Broken } from './broken.ts';
import type { DecodedRun } from './decode-run.ts';

/** S8, as a run sees it: nobody could find an open run that is not the current one. */
export function checkIsCurrent({ key, state }: DecodedRun, currentRunId: string | undefined): readonly Broken[] {
  const { state: runState, newExecutionRunId: successor } = state.info;
  const isCurrent = currentRunId === key.runId;
  if (isCurrent && successor !== '') {
    return [{ claim: 'S8', text: `it is the current run of its workflow, and run ${successor} has followed it` }];
  }
  if (isCurrent || runState === RunState.RUN_STATE_COMPLETED) return [];
  const said = currentRunId === undefined ? 'its workflow has no current run' : `the current run is ${currentRunId}`;
  return [{ claim: 'S8', text: `it is open, and ${said}` }];
}

/** S8, as the pointer sees it. */
export function checkIsThere(record: RunRecord | undefined): readonly Broken[] {
  if (record !== undefined && record.version > 0) return [];
  return [{ claim: 'S8', text: 'it is said to be the current run of its workflow, and is not there' }];
}

/** S9: parts of a history that were written ahead for a run that never came are removed by the next owner who finds them. */
export function checkIsFound({ outstanding }: RunRecord): readonly Broken[] {
  return outstanding
    ? []
    : [{ claim: 'S9', text: 'its history was written ahead, it never came, and nobody would know' }];
}
