import { Client, credentials } from '@grpc/grpc-js';

const PATH = '/grpc.health.v1.Health/Check';
const CALL_TIMEOUT_MS = 1_000;
/** HealthCheckResponse { status: SERVING }: field 1, a varint of 1. */
const SERVING = Buffer.from([0x08, 0x01]);

/** Asks once whether the server as a whole is SERVING. A server that cannot be reached is not. */
export function isServing(address: string): Promise<boolean> {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  const same = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve) => {
    const options = { deadline: Date.now() + CALL_TIMEOUT_MS };
    client.makeUnaryRequest(PATH, same, same, Buffer.alloc(0), options, (error, answer) => {
      client.close();
      resolve(error === null && answer !== undefined && answer.equals(SERVING));
    });
  });
}
