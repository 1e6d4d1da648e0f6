import { invalidArgument } from '@duramesh/contracts';
import type { RpcInfo } from './rpc-info.ts';

/**
 * The request that bytes from outside are.
 * @throws ServiceError INVALID_ARGUMENT when they are none: nobody who sends them again will fare better
 */
export function decodeRequest(info: RpcInfo, bytes: Uint8Array): object {
  try {
    return info.request.decode(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalidArgument(`grpc: error unmarshalling request: ${reason}`);
  }
}
