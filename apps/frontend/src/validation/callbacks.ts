import { invalidArgument, unimplemented } from '@duramesh/contracts';
import type { Plain, temporal } from '@duramesh/proto';
import type { FrontendLimits } from '../limits.ts';
import { exceedsBytes } from './ids.ts';

type Callback = Plain<temporal.api.common.v1.ICallback>;

/** Callbacks within this server go to this address. */
export const SYSTEM_CALLBACK_URL = 'temporal://system';

type Limits = Pick<FrontendLimits, 'callbacksPerWorkflow' | 'callbackUrlBytes' | 'callbackHeaderBytes'>;

function requireUrl(url: string, limit: number): void {
  if (exceedsBytes(url, limit)) {
    throw invalidArgument(`invalid url: url length longer than max length allowed of ${limit}`);
  }
  if (url === SYSTEM_CALLBACK_URL) return;
  const [, scheme = '', host = ''] = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?#]*))?/i.exec(url) ?? [];
  if (scheme !== 'http' && scheme !== 'https') throw invalidArgument(`invalid url: unknown scheme: ${url}`);
  if (host === '') throw invalidArgument('invalid url: missing host');
  throw invalidArgument(`invalid url: url does not match any configured callback address: ${url}`);
}

function requireHeader(header: Readonly<Record<string, string>>, limit: number): void {
  let size = 0;
  for (const [key, value] of Object.entries(header)) size += Buffer.byteLength(key) + Buffer.byteLength(value);
  if (size > limit) throw invalidArgument(`invalid header: header size longer than max allowed size of ${limit}`);
}

export function requireCallbacks(callbacks: readonly Callback[] | undefined, limits: Limits): void {
  if (!callbacks?.length) return;
  if (callbacks.length > limits.callbacksPerWorkflow) {
    throw invalidArgument(
      `cannot attach more than ${limits.callbacksPerWorkflow} callbacks to a workflow, got ${callbacks.length}`,
    );
  }
  for (const { nexus, internal } of callbacks) {
    if (internal) continue;
    if (!nexus) throw unimplemented('unknown callback variant: <nil>');
    requireUrl(nexus.url ?? '', limits.callbackUrlBytes);
    requireHeader(nexus.header ?? {}, limits.callbackHeaderBytes);
  }
  throw unimplemented('completion callbacks are not supported');
}
