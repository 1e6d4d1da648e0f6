export { MemoryDatabase } from './database.ts';
export { type MemoryStoreFaults, noFaults, type StoreRead, type StoreWrite, type WriteFate } from './faults.ts';
export { type MemoryStoreOptions, openMemoryStore } from './store.ts';
