import type { handleUnaryCall, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { GrpcCode, ServiceError } from '@duramesh/contracts';
import { decodeRequest } from '../rpc/decode-request.ts';
import type { Dispatcher } from '../rpc/dispatcher.ts';
import { type RpcInfo, rpcs } from '../rpc/rpc-info.ts';
import { GrpcCallMeta } from './grpc-call-meta.ts';
import { refuse } from './refuse.ts';
import { asBuffer } from './status.ts';

type Unary = handleUnaryCall<Buffer, Uint8Array>;
type Call = Parameters<Unary>[0];
type Callback = Parameters<Unary>[1];

/** An answer of ours that cannot be encoded. */
const unexpected = new ServiceError(GrpcCode.INTERNAL, 'something went wrong, please retry');

/** Requests are decoded by our handler, so that it decides what a broken one is answered. */
const keepBytes = (bytes: Buffer): Buffer => bytes;

function unary(info: RpcInfo, dispatcher: Dispatcher): Unary {
  async function answer(call: Call, callback: Callback): Promise<void> {
    const meta = new GrpcCallMeta(call);
    let bytes: Uint8Array;
    try {
      const response = await dispatcher.dispatch(info.name, decodeRequest(info, call.request), meta);
      bytes = response instanceof Uint8Array ? response : info.response.encode(response);
    } catch (error) {
      return refuse(call, callback, error instanceof ServiceError ? error : unexpected);
    } finally {
      meta.answered();
    }
    callback(null, bytes);
  }
  return (call, callback) => void answer(call, callback);
}

export interface GrpcService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/** All RPCs of one service, registered from its description. */
export function grpcService(service: string, dispatcher: Dispatcher): GrpcService {
  const definition: Record<string, ServiceDefinition[string]> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const info of rpcs) {
    if (info.service !== service) continue;
    definition[info.name] = {
      path: info.path,
      requestStream: false,
      responseStream: false,
      requestSerialize: asBuffer,
      requestDeserialize: keepBytes,
      responseSerialize: asBuffer,
      responseDeserialize: keepBytes,
    };
    implementation[info.name] = unary(info, dispatcher);
  }
  return { definition, implementation };
}
