const text = { encoder: new TextEncoder(), decoder: new TextDecoder() };
/** Of no deployment. */
const WRONG = -1;

/** What an operator has seen of a deployment, to be given back with a change. */
export const writeToken = (token: number): Uint8Array => text.encoder.encode(String(token));

/** undefined: the caller does not care. */
export function readToken(bytes: Uint8Array | undefined): number | undefined {
  if (!bytes || bytes.length === 0) return undefined;
  const written = text.decoder.decode(bytes);
  return /^\d{1,15}$/.test(written) ? Number(written) : WRONG;
}
