import type { BufferReader, BufferWriter, Reader } from 'protobufjs';

/** What protobufjs' classes have in common here. */
interface Cursor {
  buf: Uint8Array;
  pos: number;
  len: number;
}

/** protobufjs says Long for what is a number once its Long support is off. */
type Unlong<R extends Reader> = Omit<R, 'int64' | 'uint64'> & { int64(): unknown; uint64(): unknown };

export interface Protobuf {
  readonly BufferWriter: new () => BufferWriter;
  readonly Reader: new (bytes: Uint8Array) => Unlong<Reader>;
  readonly BufferReader: new (bytes: Buffer) => Unlong<BufferReader>;
}

const LIMIT_32 = 2 ** 32;
const is32 = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < LIMIT_32;

/** The varint at the cursor if it has at most five bytes that are all there, or -1; seldom is an int64 longer. */
function shortVarint(cursor: Cursor): number {
  const { buf, pos, len } = cursor;
  let value = 0;
  let factor = 1;
  const end = Math.min(pos + 5, len);
  for (let at = pos; at < end; at++) {
    const byte = buf[at] ?? 0;
    value += (byte & 127) * factor;
    if (byte < 128) {
      cursor.pos = at + 1;
      return value;
    }
    factor *= 128;
  }
  return -1;
}

/**
 * Writers and readers for which an int64 is a number. protobufjs makes an object of two halves of each one, and a message
 * has dozens: times, ids, sizes. Those that need more than 32 bits, or have a sign, go its way.
 */
export function numberClasses(protobuf: Protobuf) {
  class NumberWriter extends protobuf.BufferWriter {
    override int64(value: Parameters<BufferWriter['int64']>[0]): BufferWriter {
      return is32(value) ? this.uint32(value) : super.int64(value);
    }

    override uint64(value: Parameters<BufferWriter['uint64']>[0]): BufferWriter {
      return is32(value) ? this.uint32(value) : super.uint64(value);
    }
  }

  class NumberReader extends protobuf.Reader {
    override int64(): unknown {
      const value = shortVarint(this);
      return value < 0 ? super.int64() : value;
    }

    override uint64(): unknown {
      const value = shortVarint(this);
      return value < 0 ? super.uint64() : value;
    }
  }

  class NumberBufferReader extends protobuf.BufferReader {
    override int64(): unknown {
      const value = shortVarint(this);
      return value < 0 ? super.int64() : value;
    }

    override uint64(): unknown {
      const value = shortVarint(this);
      return value < 0 ? super.uint64() : value;
    }
  }

  return { NumberWriter, NumberReader, NumberBufferReader };
}
