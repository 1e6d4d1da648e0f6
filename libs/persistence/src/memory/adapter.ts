import type { Adapter } from '../api/adapter.ts';
import { openMemoryStore } from './store.ts';

const status = {
  state: 'current',
  version: 1,
  target: 1,
  advice: 'a store in memory has no schema to set up',
} as const;

export const memoryAdapter: Adapter = {
  openStore: async (_url, { clock }) => openMemoryStore({ clock }),
  openSchemaTool: async () => ({ status: async () => status, update: async () => {}, close: async () => {} }),
};
