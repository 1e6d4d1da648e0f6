import type { Codec } from '@duramesh/proto';
import type { Logger } from '@duramesh/runtime';
import { bytes, text } from './bus-suite.ts';

const textCodec: Codec<string> = { typeName: 'test.Text', encode: bytes, decode: text };

/** A service of tests with one call that may be repeated. */
export const textContract = {
  service: 'text',
  version: 1,
  methods: {
    readText: {
      request: textCodec,
      response: textCodec,
      key: (request: string): string => request,
      timeoutMs: 10_000,
      retry: 'safe',
    },
  },
} as const;

export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
