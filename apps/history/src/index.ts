export type { HistoryDeps } from './deps.ts';
export { type HistoryService, startHistory } from './service.ts';
