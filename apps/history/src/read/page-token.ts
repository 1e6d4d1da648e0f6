import { invalidArgument } from '@duramesh/contracts';
import { HistoryPageToken } from '@duramesh/proto';

/**
 * The token of a history read, or undefined for the first page.
 * @throws ServiceError INVALID_ARGUMENT when the bytes are no token, or of another run than the one asked for
 */
export function decodePageToken(bytes: Uint8Array | undefined, runId: string): HistoryPageToken | undefined {
  if (bytes === undefined || bytes.length === 0) return undefined;
  const token = decode(bytes);
  if (token === undefined || token.runId === '' || token.nextEventId <= 0) {
    throw invalidArgument('Invalid NextPageToken.');
  }
  if (runId !== '' && token.runId !== runId) {
    throw invalidArgument('RunId in the request does not match the NextPageToken.');
  }
  return token;
}

function decode(bytes: Uint8Array): HistoryPageToken | undefined {
  try {
    return HistoryPageToken.decode(bytes);
  } catch {
    return undefined;
  }
}
