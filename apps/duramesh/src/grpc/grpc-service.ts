import {
  type sendUnaryData,
  type ServerUnaryCall,
  type ServiceDefinition,
  status,
  type StatusObject,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { ServiceError } from '@duramesh/contracts';
import type { Codec } from '@duramesh/proto';

/** A service as a gRPC server takes it. */
export interface GrpcService {
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

type MethodDefinition = ServiceDefinition[string];

interface Codecs<Request, Response> {
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
}

export function methodDefinition<Request, Response>(
  path: string,
  { request, response }: Codecs<Request, Response>,
  streams: { readonly requestStream: boolean; readonly responseStream: boolean },
): MethodDefinition {
  return {
    path,
    ...streams,
    requestSerialize: (message: Request) => Buffer.from(request.encode(message)),
    requestDeserialize: (bytes: Buffer) => request.decode(bytes),
    responseSerialize: (message: Response) => Buffer.from(response.encode(message)),
    responseDeserialize: (bytes: Buffer) => response.decode(bytes),
  };
}

/** What callers see. These services are for operators, who may know what went wrong. */
function statusOf(error: unknown): Partial<StatusObject> {
  if (error instanceof ServiceError) return { code: error.code, details: error.message };
  return { code: status.INTERNAL, details: error instanceof Error ? error.message : String(error) };
}

const UNARY = { requestStream: false, responseStream: false };

/** One method that is asked and answers once. */
export interface UnaryMethod {
  define(path: string): MethodDefinition;
  readonly implementation: UntypedServiceImplementation[string];
}

async function answer<Request, Response>(
  handle: (request: Request) => Promise<Response>,
  request: Request,
  callback: sendUnaryData<Response>,
): Promise<void> {
  let response: Response;
  try {
    response = await handle(request);
  } catch (error) {
    return callback(statusOf(error));
  }
  callback(null, response);
}

/** @param handle throws the ServiceError that the caller is told */
export function unary<Request, Response>(
  codecs: Codecs<Request, Response>,
  handle: (request: Request) => Promise<Response>,
): UnaryMethod {
  return {
    define: (path) => methodDefinition(path, codecs, UNARY),
    implementation: (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) =>
      void answer(handle, call.request, callback),
  };
}

/** The methods of one service by their names. */
export function unaryService(service: string, methods: Readonly<Record<string, UnaryMethod>>): GrpcService {
  const definition: Record<string, MethodDefinition> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(methods)) {
    definition[name] = method.define(`/${service}/${name}`);
    implementation[name] = method.implementation;
  }
  return { definition, implementation };
}
