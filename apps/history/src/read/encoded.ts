import { messageType } from '@duramesh/proto';
import { must } from '@duramesh/runtime';

/**
 * Appends a message field that is encoded already to an encoded message. Fields may stand in any order, so a history
 * goes from the store to the worker without being read on the way.
 */
export class FieldAppender {
  readonly #tag: Uint8Array;

  constructor(typeName: string, field: string) {
    const { id } = must(messageType(typeName).fields[field], `${typeName} has no field ${field}`);
    const LENGTH_DELIMITED = 2;
    this.#tag = varint((id << 3) | LENGTH_DELIMITED);
  }

  /** `parts` together are one encoded value of the field. */
  append(message: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
    let size = 0;
    for (const part of parts) size += part.length;
    const length = varint(size);
    const out = new Uint8Array(message.length + this.#tag.length + length.length + size);
    out.set(message, 0);
    let at = message.length;
    for (const piece of [this.#tag, length, ...parts]) {
      out.set(piece, at);
      at += piece.length;
    }
    return out;
  }
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
