import type { handleUnaryCall, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { GrpcCode, ServiceError } from '@duramesh/contracts';
import type { Dispatcher } from '../rpc/dispatcher.ts';
import { type RpcInfo, rpcs } from '../rpc/rpc-info.ts';
import { GrpcCallMeta } from './grpc-call-meta.ts';
import { refuse } from './refuse.ts';
import { asBuffer } from './status.ts';

type Unary = handleUnaryCall<Buffer, Uint8Array>;

/** Requests are decoded by our handler, so that it decides what a broken one is answered. */
const keepBytes = (bytes: Buffer): Buffer => bytes;

function unary(info: RpcInfo, dispatcher: Dispatcher): Unary {
  const { name } = info;
  return (call, callback) => {
    let request: object;
    try {
      request = info.request.decode(call.request);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      refuse(call, callback, new ServiceError(GrpcCode.INTERNAL, `grpc: error unmarshalling request: ${reason}`));
      return;
    }
    dispatcher.dispatch(name, request, new GrpcCallMeta(call)).then(
      (answer) => callback(null, answer instanceof Uint8Array ? answer : info.response.encode(answer)),
      // The dispatcher throws nothing else.
      (error: unknown) => refuse(call, callback, error as ServiceError),
    );
  };
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
