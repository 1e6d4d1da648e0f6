export type { google, temporal } from '@temporalio/proto';
export { describePackage } from './descriptors.ts';
export { messageType, publicCodec, type Codec } from './codec.ts';
export type { Plain } from './plain.ts';
export { root } from './root.ts';
export * from './generated/internal.ts';
