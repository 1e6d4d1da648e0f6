import { type Bus, createClient, serve, type Subscription } from '@duramesh/bus';
import type { Client } from '@duramesh/contracts';
import type { Codec } from '@duramesh/proto';
import type { Logger } from '@duramesh/runtime';
import { systemClock, systemRandom } from '@duramesh/runtime/system';
import { bytes, text } from './bus-suite.ts';

const textCodec: Codec<string> = { typeName: 'test.Text', encode: bytes, decode: text };

const method = {
  request: textCodec,
  response: textCodec,
  key: (request: string): string => request,
  timeoutMs: 10_000,
} as const;

/** A service of tests with a call that may be repeated, one whose answer is remembered, and one that may not be repeated. */
export const textContract = {
  service: 'text',
  version: 1,
  methods: {
    readText: { ...method, retry: 'safe' },
    changeText: { ...method, retry: 'remembered' },
    writeText: { ...method, retry: 'never' },
  },
} as const;

export type TextClient = Client<typeof textContract>;

export const textClient = (bus: Bus): TextClient =>
  createClient(bus, textContract, { partitions: 1, clock: systemClock, random: systemRandom, caller: 'test' });

/** Answers all calls in the same way. */
export function serveText(bus: Bus, answer: (request: string) => Promise<string>): Subscription {
  const handlers = { readText: answer, changeText: answer, writeText: answer };
  return serve(bus, textContract, { partition: 0, handlers, logger: silent });
}

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
