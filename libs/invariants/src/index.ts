export type { Broken, Claim, Finding } from './broken.ts';
export { checkIsCurrent, checkIsFound, checkIsThere } from './check-current-run.ts';
export { checkEntity } from './check-entity.ts';
export { checkListEntry } from './check-list-entry.ts';
export { checkStoredRun } from './check-run.ts';
export { decodeRun, type DecodedRun, eventsOf } from './decode-run.ts';
export { inspectStore, type InspectionCounts, type InspectionOptions } from './inspect-store.ts';
