import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import type { Codec } from '@duramesh/proto';
import { OPERATOR_SERVICE } from '../operator/service-name.ts';

/** Longer than the members that do not answer are waited for. */
const PATIENCE_MS = 15_000;

/** No answer, in one line that says what to do. */
export class OperatorCallFault extends Error {
  override readonly name = 'OperatorCallFault';
}

/** Asks one process of the cluster. */
export class OperatorClient {
  readonly #address: string;
  readonly #client: Client;

  constructor(address: string) {
    this.#address = address;
    this.#client = new Client(address, credentials.createInsecure(), {
      // A cluster has many shards and queues.
      'grpc.max_receive_message_length': -1,
      'grpc.enable_http_proxy': 0,
    });
  }

  /** @throws OperatorCallFault */
  call<Request, Response>(
    method: string,
    { request, response }: { readonly request: Codec<Request>; readonly response: Codec<Response> },
    message: Request,
  ): Promise<Response> {
    const encode = (it: Request): Buffer => Buffer.from(request.encode(it));
    const decode = (bytes: Buffer): Response => response.decode(bytes);
    const options = { deadline: Date.now() + PATIENCE_MS };
    return new Promise((resolve, reject) => {
      const path = `/${OPERATOR_SERVICE}/${method}`;
      this.#client.makeUnaryRequest(path, encode, decode, message, options, (error, answer) => {
        if (error || answer === undefined) reject(this.#fault(error));
        else resolve(answer);
      });
    });
  }

  close(): void {
    this.#client.close();
  }

  #fault(error: ServiceError | null): OperatorCallFault {
    return new OperatorCallFault(this.#sentence(error), { cause: error });
  }

  #sentence(error: ServiceError | null): string {
    const address = this.#address;
    switch (error?.code) {
      case status.UNAVAILABLE:
        return `nothing answers at ${address}: start a server there, or name another of the cluster with --address`;
      case status.DEADLINE_EXCEEDED:
        return `${address} took longer than ${PATIENCE_MS / 1_000} s to answer: try another process with --address`;
      case status.UNIMPLEMENTED:
        return `${address} is no port of this server, or of an older one: name another with --address`;
      default:
        return `${address} says: ${error?.details ?? 'nothing'}`;
    }
  }
}
