import { changed, unchanged } from '../../entity/archetype.ts';
import { withInfo } from '../state.ts';
import type { DeploymentCommand } from '../table.ts';

/** Unless there is news since, all queues know. */
export const recordTold: DeploymentCommand<'RecordTold'> = (state, { revision }) =>
  state && state.info.revision === revision ? changed(withInfo(state, { untold: [] }), {}) : unchanged({});
