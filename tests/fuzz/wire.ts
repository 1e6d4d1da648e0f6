import http2 from 'node:http2';
import net from 'node:net';
import { Client, credentials, status } from '@grpc/grpc-js';
import type { Dice } from '@duramesh/runtime';
import { within } from '../support/until.ts';
import { mutated } from './message-maker.ts';

const same = (bytes: Buffer): Buffer => bytes;

/** What a call over the wire came to. */
export interface WireAnswer {
  readonly code: number;
  readonly message: string;
  readonly bytes: Uint8Array;
}

/** A client that sends any bytes as the body of any call. */
export class WireClient {
  readonly #client: Client;

  constructor(address: string) {
    this.#client = new Client(address, credentials.createInsecure(), { 'grpc.max_receive_message_length': -1 });
  }

  ask(path: string, body: Uint8Array, timeoutMs: number): Promise<WireAnswer> {
    return new Promise((resolve) => {
      const options = { deadline: Date.now() + timeoutMs };
      this.#client.makeUnaryRequest(path, same, same, Buffer.from(body), options, (error, answer) => {
        if (error) resolve({ code: error.code, message: error.details, bytes: new Uint8Array() });
        else resolve({ code: status.OK, message: '', bytes: answer ?? new Uint8Array() });
      });
    });
  }

  close(): void {
    this.#client.close();
  }
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
const BEGINNINGS: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'),
  Buffer.from('POST /temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo HTTP/1.0\r\n\r\n'),
  PREFACE,
  Buffer.concat([PREFACE, SETTINGS]),
  Buffer.concat([PREFACE, SETTINGS, Buffer.from([0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 8])]),
];
const CLOSED_WITHIN_MS = 10_000;

/** Also by a reset, which is an answer too. */
function closed(connection: net.Socket | http2.ClientHttp2Stream): Promise<void> {
  connection.on('error', () => undefined);
  return new Promise((resolve) => connection.once('close', () => resolve()));
}

/** Writes to the port what no client would, and waits until the connection is over. */
export async function sendGarbage(dice: Dice, port: number): Promise<void> {
  const socket = net.connect(port, '127.0.0.1');
  const over = closed(socket);
  const beginning = dice.pick(BEGINNINGS);
  const noise = Buffer.from(Array.from({ length: dice.below(3_000) }, () => dice.below(256)));
  socket.write(dice.happens(0.3) ? Buffer.from(mutated(dice, beginning)) : beginning);
  socket.end(noise);
  socket.resume();
  await within(over, { what: 'the server ends a connection of noise', withinMs: CLOSED_WITHIN_MS });
}

const STRANGE_FRAMES: readonly Buffer[] = [
  Buffer.alloc(0),
  Buffer.from([0]),
  // A length without its message, one that is too large, compressed without a method, a flag nobody knows.
  Buffer.from([0, 0, 0, 1, 0]),
  Buffer.from([0, 255, 255, 255, 255, 1, 2, 3]),
  Buffer.from([1, 0, 0, 0, 3, 1, 2, 3]),
  Buffer.from([7, 0, 0, 0, 0]),
  // Two messages where one is due.
  Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
];

/** Speaks HTTP/2 as it should be, and gRPC as it should not. */
export async function sendStrangeCall(dice: Dice, port: number): Promise<void> {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  session.on('error', () => undefined);
  const headers = {
    ':method': dice.pick(['POST', 'POST', 'GET', 'BREW']),
    ':path': dice.pick([
      '/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo',
      '/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution',
      '/temporal.api.workflowservice.v1.WorkflowService/Nothing',
      '/',
      '//',
      '*',
    ]),
    'content-type': dice.pick(['application/grpc', 'application/grpc+json', 'text/html']),
    'grpc-timeout': dice.pick(['1S', '0n', '-1S', '99999999H', 'soon']),
    'grpc-encoding': dice.pick(['identity', 'gzip', 'unknown']),
    'client-name': dice.pick(['', 'x'.repeat(7_000), 'constructor']),
    'client-version': dice.pick(['', '1.0.0', '\u00ff']),
    'grpc-status-details-bin': dice.pick(['', '%%%', 'AAAA']),
    te: 'trailers',
  };
  const call = session.request(headers, { endStream: false });
  const over = closed(call);
  call.resume();
  if (dice.happens(0.2)) call.close(http2.constants.NGHTTP2_CANCEL);
  else call.end(dice.pick(STRANGE_FRAMES));
  await within(over, { what: 'the server answers a strange call', withinMs: CLOSED_WITHIN_MS });
  session.destroy();
}
