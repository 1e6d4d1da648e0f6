export * from './api/execution-store.ts';
export * from './api/lease-store.ts';
export * from './api/namespace-store.ts';
export * from './api/schema.ts';
export * from './api/store.ts';
export * from './api/task-queue-store.ts';
export * from './api/visibility-store.ts';
export * from './open-store.ts';
