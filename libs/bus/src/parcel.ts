/** A message carried as it is, from one part of a process to another. */
export class Carried {
  readonly message: unknown;

  constructor(message: unknown) {
    this.message = message;
  }
}

/** A request or an answer: encoded, or carried inside the process. An answer is of the kind of its request. */
export type Parcel = Uint8Array | Carried;

/**
 * Bytes, for what leaves the process.
 * @throws TypeError when there are none
 */
export function bytesOf(parcel: Parcel): Uint8Array {
  if (parcel instanceof Carried) throw new TypeError('an object cannot leave the process');
  return parcel;
}

export const sizeOf = (parcel: Parcel): number => (parcel instanceof Carried ? 0 : parcel.length);
