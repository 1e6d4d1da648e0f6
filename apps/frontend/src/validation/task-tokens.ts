import { invalidArgument } from '@duramesh/contracts';
import type { Codec } from '@duramesh/proto';

/** A token as its holder returned it. What it says is checked against the run by who serves the run. */
export function requireToken<T>(codec: Codec<T>, bytes: Uint8Array | undefined): T {
  if (!bytes?.length) throw invalidArgument('Task token not set on request.');
  try {
    return codec.decode(bytes);
  } catch {
    throw invalidArgument('Error deserializing task token.');
  }
}
