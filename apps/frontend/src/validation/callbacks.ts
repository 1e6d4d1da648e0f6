import { invalidArgument, unimplemented } from '@duramesh/contracts';
import { type Plain, publicCodec, type temporal } from '@duramesh/proto';
import type { CallbackAddress, FrontendLimits } from '../limits.ts';
import { exceedsBytes } from './ids.ts';

type Callback = Plain<temporal.api.common.v1.ICallback>;
type Link = Plain<temporal.api.common.v1.ILink>;
type Header = Readonly<Record<string, string>>;
type Limits = Pick<
  FrontendLimits,
  'callbacksPerExecution' | 'callbackUrlBytes' | 'callbackHeaderBytes' | 'callbackAddresses'
>;

/** Callbacks within this server go to these addresses. */
const OWN_URLS: ReadonlySet<string> = new Set(['temporal://system', 'temporal://internal']);

const linkCodec = publicCodec<Link>('temporal.api.common.v1.Link');

function matches({ pattern }: CallbackAddress, host: string): boolean {
  const literals = pattern.split('*').map((literal) => literal.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}$`).test(host);
}

function requireUrl(url: string, { callbackUrlBytes, callbackAddresses }: Limits): void {
  if (exceedsBytes(url, callbackUrlBytes)) {
    throw invalidArgument(`invalid url: url length longer than max length allowed of ${callbackUrlBytes}`);
  }
  if (OWN_URLS.has(url)) return;
  const [, scheme = '', authority = ''] = /^([a-z][a-z0-9+.-]*):(?:\/\/([^/?#]*))?/i.exec(url) ?? [];
  if (!/^https?$/i.test(scheme)) throw invalidArgument(`invalid url: unknown scheme: ${url}`);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (host === '') throw invalidArgument('invalid url: missing host');
  const address = callbackAddresses.find((allowed) => matches(allowed, host));
  if (!address) throw invalidArgument(`invalid url: url does not match any configured callback address: ${url}`);
  if (address.allowInsecure || scheme.toLowerCase() === 'https') return;
  throw invalidArgument(`invalid url: callback address does not allow insecure connections: ${url}`);
}

/** The header with its keys in lower case. */
function requireHeader(header: Header, limit: number): Header {
  let size = 0;
  const lowered: Record<string, string> = {};
  for (const [key, value] of Object.entries(header)) {
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
    lowered[key.toLowerCase()] = value;
  }
  if (size > limit) throw invalidArgument(`invalid header: header size longer than max allowed size of ${limit}`);
  return lowered;
}

/** The callbacks as they are registered. @see spec-matching 10.6 */
export function requireCallbacks(callbacks: readonly Callback[] | undefined, limits: Limits): readonly Callback[] {
  if (!callbacks?.length) return [];
  const { callbacksPerExecution, callbackHeaderBytes } = limits;
  if (callbacks.length > callbacksPerExecution) {
    throw invalidArgument(`cannot attach more than ${callbacksPerExecution} callbacks to an execution`);
  }
  return callbacks.map((callback) => {
    const { nexus, internal } = callback;
    if (internal) throw invalidArgument('unsupported callback variant: *common.Callback_Internal_');
    if (!nexus) throw unimplemented('unknown callback variant: <nil>');
    requireUrl(nexus.url ?? '', limits);
    return { ...callback, nexus: { ...nexus, header: requireHeader(nexus.header ?? {}, callbackHeaderBytes) } };
  });
}

/** Without the links that a callback carries too. */
export function linksBesideCallbacks(
  links: readonly Link[] | undefined,
  callbacks: readonly Callback[],
): readonly Link[] | undefined {
  if (!links?.length || callbacks.length === 0) return links;
  const encoded = (link: Link): string => Buffer.from(linkCodec.encode(link)).toString('base64');
  const carried = new Set(callbacks.flatMap(({ nexus, links: own }) => (nexus ? (own ?? []).map(encoded) : [])));
  return links.filter((link) => !carried.has(encoded(link)));
}
