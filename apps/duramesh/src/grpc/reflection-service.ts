import type { ServerDuplexStream } from '@grpc/grpc-js';
import { GrpcCode } from '@duramesh/contracts';
import {
  describePackage,
  ReflectedFiles,
  ReflectedServices,
  ReflectionRefusal,
  ServerReflectionRequest,
  ServerReflectionResponse,
} from '@duramesh/proto';
import { type GrpcService, methodDefinition } from './grpc-service.ts';

const SERVICE = 'grpc.reflection.v1.ServerReflection';
const codecs = { request: ServerReflectionRequest, response: ServerReflectionResponse };

type Stream = ServerDuplexStream<ServerReflectionRequest, ServerReflectionResponse>;
type Answer = Partial<ServerReflectionResponse>;

const packageOf = (service: string): string => service.slice(0, service.lastIndexOf('.'));

/**
 * gRPC server reflection, so that tools such as grpcurl can call services whose files nobody has at hand. Each package is told as
 * one file.
 */
export function reflectionService(services: readonly string[]): GrpcService {
  const told = [...services, SERVICE];
  const packages = [...new Set(told.map(packageOf))];

  /** Of a question that is not asked, the text is empty. */
  function answer(request: ServerReflectionRequest): Answer {
    const { fileByFilename = '', fileContainingSymbol = '', allExtensionNumbersOfType = '' } = request;
    if (request.fileContainingExtension || allExtensionNumbersOfType !== '') return refused('what extends a message');
    const asked = fileContainingSymbol || fileByFilename;
    if (asked === '') {
      return { listServicesResponse: ReflectedServices.create({ service: told.map((name) => ({ name })) }) };
    }
    const named = packages.find((name) => fileNameOf(name) === asked || asked.startsWith(`${name}.`));
    const file = named === undefined ? undefined : describePackage(named, fileNameOf(named));
    if (file === undefined) return refused(asked);
    return { fileDescriptorResponse: ReflectedFiles.create({ fileDescriptorProto: [file] }) };
  }

  const serve = (stream: Stream): void => {
    stream.on('data', (request: ServerReflectionRequest) => {
      const validHost = request.host;
      stream.write(ServerReflectionResponse.create({ validHost, originalRequest: request, ...answer(request) }));
    });
    stream.on('end', () => stream.end());
  };
  const path = `/${SERVICE}/ServerReflectionInfo`;
  return {
    definition: {
      ServerReflectionInfo: methodDefinition(path, codecs, { requestStream: true, responseStream: true }),
    },
    implementation: { ServerReflectionInfo: serve },
  };
}

const fileNameOf = (name: string): string => `${name.replaceAll('.', '/')}.proto`;

function refused(asked: string): Answer {
  const errorMessage = `${asked} is not told of here`;
  return { errorResponse: ReflectionRefusal.create({ errorCode: GrpcCode.NOT_FOUND, errorMessage }) };
}
