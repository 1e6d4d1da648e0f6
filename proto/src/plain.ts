import type Long from 'long';

/**
 * A protobuf message as plain data: int64 fields are numbers (every int64 of the API is an id, a count, a size or
 * a number of seconds, all far below 2^53), absent message fields are `undefined`, never `null`.
 */
export type Plain<T> = T extends Long
  ? number
  : T extends Uint8Array
    ? Uint8Array
    : T extends readonly (infer U)[]
      ? readonly Plain<U>[]
      : T extends (...args: never[]) => unknown
        ? never
        : T extends object
          ? string extends keyof T
            ? { readonly [key: string]: Plain<T[keyof T]> }
            : { readonly [K in keyof T as K extends '$unknowns' ? never : K]?: Plain<Exclude<T[K], null>> | undefined }
          : T;
