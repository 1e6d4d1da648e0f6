import { PeerFrame } from '@duramesh/proto';

/** No frame of ours comes near it. */
export const MAX_FRAME_BYTES = 16 * 1024;
const LENGTH_BYTES = 4;

/** Each frame follows its length, four bytes with the highest first. */
export function framed(frame: PeerFrame): Buffer {
  const body = PeerFrame.encode(frame);
  const out = Buffer.allocUnsafe(LENGTH_BYTES + body.length);
  out.writeUInt32BE(body.length);
  out.set(body, LENGTH_BYTES);
  return out;
}

/** Finds the frames in what arrives in pieces. It holds one frame that is not complete, and no more. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** True while a frame has begun and not ended. */
  get isAmidst(): boolean {
    return this.#rest.length > 0;
  }

  /** Calls `onFrame` for each frame that is complete; answers what is wrong with the rest, after which there is no more to be read. */
  read(piece: Buffer, onFrame: (frame: PeerFrame) => void): 'malformed' | 'oversize' | undefined {
    let data = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    while (data.length >= LENGTH_BYTES) {
      const ends = LENGTH_BYTES + data.readUInt32BE();
      if (ends > LENGTH_BYTES + MAX_FRAME_BYTES) return 'oversize';
      if (data.length < ends) break;
      const frame = decoded(data.subarray(LENGTH_BYTES, ends));
      if (frame === undefined) return 'malformed';
      data = data.subarray(ends);
      onFrame(frame);
    }
    this.#rest = Buffer.from(data);
    return undefined;
  }
}

/** A frame of a later release may hold nothing that is known here: that is no fault. */
function decoded(body: Uint8Array): PeerFrame | undefined {
  try {
    return PeerFrame.decode(body);
  } catch {
    return undefined;
  }
}
