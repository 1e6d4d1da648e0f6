import { RequestHeader } from '@duramesh/proto';
import type { BusFaultCode } from '../bus.ts';

/** The first byte of every message of ours: what else arrives is somebody else's. */
const MAGIC = 0xdb;

/** The second byte. Numbers are never given a second meaning: two releases may talk to each other. */
export const FrameKind = {
  /** A request in one message: header length (2 bytes), header, payload. */
  REQUEST: 1,
  /** The first chunk of a request: header length (2), header, size of the payload (4), data. */
  REQUEST_START: 2,
  /** An answer in one message: payload. */
  REPLY: 3,
  /** The first chunk of an answer: size of the payload (4), data. */
  REPLY_START: 4,
  /** A further chunk of either: its number (4), data. */
  CHUNK: 5,
  /** How many chunks have arrived (4). */
  ACK: 6,
  /** No answer: why (1). */
  FAULT: 7,
  /** Answers nothing: the sender has let go of subjects. Their filters (UTF-8), one a line. */
  LEFT: 8,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** `otherCluster` is no outcome of a request: somebody heard it who should not. */
export type FaultOnWire = BusFaultCode | 'otherCluster';

const FAULT_CODES: readonly FaultOnWire[] = [
  'noResponders',
  'overloaded',
  'tooLarge',
  'handlerFailed',
  'incompatible',
  'otherCluster',
];

/** @returns undefined when the message is not one of ours */
export function frameKind(data: Uint8Array): FrameKind | undefined {
  const kind = data[1];
  if (data[0] !== MAGIC || kind === undefined || kind < FrameKind.REQUEST || kind > FrameKind.LEFT) return undefined;
  return kind as FrameKind;
}

export interface DecodedRequest {
  readonly header: RequestHeader;
  readonly body: Uint8Array;
}

function frame(kind: FrameKind, bodyBytes: number): Buffer {
  const out = Buffer.allocUnsafe(2 + bodyBytes);
  out[0] = MAGIC;
  out[1] = kind;
  return out;
}

export function requestFrame(header: Uint8Array, payload: Uint8Array): Uint8Array {
  const out = frame(FrameKind.REQUEST, 2 + header.length + payload.length);
  out.writeUInt16BE(header.length, 2);
  out.set(header, 4);
  out.set(payload, 4 + header.length);
  return out;
}

export function requestStartFrame(header: Uint8Array, payloadBytes: number, data: Uint8Array): Uint8Array {
  const out = frame(FrameKind.REQUEST_START, 2 + header.length + 4 + data.length);
  out.writeUInt16BE(header.length, 2);
  out.set(header, 4);
  out.writeUInt32BE(payloadBytes, 4 + header.length);
  out.set(data, 8 + header.length);
  return out;
}

/** Of `REQUEST` and `REQUEST_START`: the body of the latter is the size and the data. */
export function decodeRequest(data: Uint8Array): DecodedRequest | undefined {
  const headerBytes = ((data[2] ?? 0) << 8) | (data[3] ?? 0);
  const bodyAt = 4 + headerBytes;
  if (data.length < bodyAt) return undefined;
  try {
    return { header: RequestHeader.decode(data.subarray(4, bodyAt)), body: data.subarray(bodyAt) };
  } catch {
    return undefined;
  }
}

export function replyFrame(payload: Uint8Array): Uint8Array {
  const out = frame(FrameKind.REPLY, payload.length);
  out.set(payload, 2);
  return out;
}

/** `REPLY_START` with the size of the payload, or `CHUNK` with its number. */
export function numberedFrame(kind: 4 | 5, number: number, data: Uint8Array): Uint8Array {
  const out = frame(kind, 4 + data.length);
  out.writeUInt32BE(number, 2);
  out.set(data, 6);
  return out;
}

export interface Numbered {
  readonly number: number;
  readonly data: Uint8Array;
}

/** `body` starts with a number of four bytes. */
export function decodeNumbered(body: Uint8Array): Numbered | undefined {
  if (body.length < 4) return undefined;
  const number = new DataView(body.buffer, body.byteOffset).getUint32(0);
  return { number, data: body.subarray(4) };
}

export function ackFrame(chunks: number): Uint8Array {
  const out = frame(FrameKind.ACK, 4);
  out.writeUInt32BE(chunks, 2);
  return out;
}

export function faultFrame(code: FaultOnWire): Uint8Array {
  const out = frame(FrameKind.FAULT, 1);
  const number = FAULT_CODES.indexOf(code);
  out[2] = number < 0 ? FAULT_CODES.indexOf('handlerFailed') : number;
  return out;
}

export function decodeFault(data: Uint8Array): FaultOnWire {
  return FAULT_CODES[data[2] ?? -1] ?? 'handlerFailed';
}

export function leftFrame(filters: readonly string[]): Uint8Array {
  const text = Buffer.from(filters.join('\n'));
  const out = frame(FrameKind.LEFT, text.length);
  out.set(text, 2);
  return out;
}

export const decodeLeft = (data: Uint8Array): readonly string[] => Buffer.from(data.subarray(2)).toString().split('\n');
