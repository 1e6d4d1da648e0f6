import type { Member } from '@duramesh/persistence';

/** What stands behind a member's address in the store when it can be linked to: `127.0.0.1:7234/6934`. */
const SEPARATOR = '/';

/** The address of a member whose links come in on that port. */
export const withMembershipPort = (address: string, port: number): string => `${address}${SEPARATOR}${port}`;

/** Where links to a member go; undefined when it has no such port, as members of former releases. */
export function linkAddressOf({ address }: Pick<Member, 'address'>): string | undefined {
  const [api = '', port = ''] = address.split(SEPARATOR, 2);
  const hostEnds = api.lastIndexOf(':');
  return hostEnds > 0 && /^\d{1,5}$/.test(port) ? `${api.slice(0, hostEnds)}:${port}` : undefined;
}
