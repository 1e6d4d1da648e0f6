export type { HistoryDeps } from './deps.ts';
export { type HistoryService, startHistory } from './service.ts';
export { visibilityRow } from './visibility-row.ts';
