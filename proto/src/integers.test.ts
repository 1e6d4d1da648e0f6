import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { messageType, publicCodec } from './codec.ts';

interface Retention {
  readonly seconds: number;
}

const codec = publicCodec<Retention>('google.protobuf.Duration');
const type = messageType('google.protobuf.Duration');

const integers = fc.oneof(
  fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
  fc.nat({ max: 300 }),
  fc.constantFrom(127, 128, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 35 - 1, 2 ** 35, -1, Number.MAX_SAFE_INTEGER),
);

test('an int64 is written as protobufjs writes it, and read back as the same number', () => {
  fc.assert(
    fc.property(integers, fc.boolean(), (seconds, isBuffer) => {
      const bytes = codec.encode({ seconds });
      assert.deepEqual([...bytes], [...type.encode({ seconds }).finish()]);
      const received = isBuffer ? Buffer.from(bytes) : Uint8Array.from(bytes);
      assert.equal(codec.decode(received).seconds, seconds);
    }),
  );
});

test('an int64 that is cut short is refused, whatever its bytes', () => {
  for (const cut of [[8], [8, 255], [8, 255, 255, 255, 255, 255]]) {
    assert.throws(() => codec.decode(Uint8Array.from(cut)), RangeError);
    assert.throws(() => codec.decode(Buffer.from(cut)), RangeError);
  }
});
