import type { Codec } from '@duramesh/proto';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Text as a message, for contracts of tests. */
const textCodec: Codec<string> = {
  typeName: 'test.Text',
  encode: (text) => encoder.encode(text),
  decode: (bytes) => decoder.decode(bytes),
};

const method = { request: textCodec, response: textCodec, key: (text: string): string => text };

/** A service of tests: one method of each kind. */
export const echoContract = {
  service: 'echo',
  version: 1,
  methods: {
    readText: { ...method, timeoutMs: 10_000, retry: 'safe' },
    changeText: { ...method, timeoutMs: 10_000, retry: 'never' },
    waitForText: { ...method, timeoutMs: 30_000, retry: 'safe' },
  },
} as const;
