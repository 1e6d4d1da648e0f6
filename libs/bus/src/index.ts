export {
  type Bus,
  type BusConnection,
  type BusContext,
  BusFault,
  type BusFaultCode,
  type BusHandler,
  type BusStatus,
  MAX_PAYLOAD_BYTES,
  type ObjectHandler,
  type ObjectLane,
  type RequestOptions,
  type ServeOptions,
  type Subscription,
} from './bus.ts';
export { type ClientOptions, createClient, OWNER_UNKNOWN_TEXT } from './client.ts';
export { MemoryBus, type MemoryBusOptions } from './memory/memory-bus.ts';
export type { MemoryBusFaults } from './memory/memory-bus-faults.ts';
export { MemoryNetwork, type MemoryNetworkOptions } from './memory/memory-network.ts';
export { MASKED_ERROR_TEXT } from './reply.ts';
export { settledWithin } from './settled-within.ts';
export { NotOwnerError, serve, type Serving } from './serve.ts';
