/** Where a list goes on. */
export interface PageCursor {
  /** Milliseconds since the Unix epoch; undefined for an open run. */
  readonly closeTimeMs: number | undefined;
  readonly startTimeMs: number;
  readonly runId: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** The `next_page_token` of a list: opaque to clients. */
export function encodePageToken(cursor: PageCursor): Uint8Array {
  return encoder.encode(JSON.stringify([cursor.closeTimeMs ?? null, cursor.startTimeMs, cursor.runId]));
}

/** Empty bytes are the first page (`cursor` undefined); bytes we did not write are refused. */
export function decodePageToken(
  token: Uint8Array,
): { readonly ok: true; readonly cursor: PageCursor | undefined } | { readonly ok: false } {
  if (token.length === 0) return { ok: true, cursor: undefined };
  const fields = parse(token);
  if (!Array.isArray(fields) || fields.length !== 3) return { ok: false };
  const [closeTimeMs, startTimeMs, runId] = fields as readonly unknown[];
  if (closeTimeMs !== null && typeof closeTimeMs !== 'number') return { ok: false };
  if (typeof startTimeMs !== 'number' || typeof runId !== 'string') return { ok: false };
  return { ok: true, cursor: { closeTimeMs: closeTimeMs ?? undefined, startTimeMs, runId } };
}

function parse(token: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(token)) as unknown;
  } catch {
    return undefined;
  }
}
