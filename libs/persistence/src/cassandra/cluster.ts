import type { Clock } from '@duramesh/runtime';
import { StoreFault } from '../api/store.ts';
import type { DatabaseUrl } from '../database-url.ts';
import { Connection, type Node } from './connect.ts';

const OLDEST_RELEASE = [4, 1] as const;

/**
 * The datacenter whose quorums are to decide: what the URL says, or the only one there is.
 * @throws StoreFault also when the cluster is too old
 */
export async function findDatacenter(url: DatabaseUrl, clock: Clock): Promise<{ readonly datacenter: string }> {
  const connection = await Connection.open(url, { clock });
  try {
    const nodes = connection.nodes();
    checkReleases(url, nodes);
    const known = [...new Set(nodes.map(({ datacenter }) => datacenter))];
    const wanted = url.own.get('datacenter');
    const [only = ''] = known;
    if (wanted === undefined && known.length === 1) return { datacenter: only };
    if (wanted !== undefined && known.includes(wanted)) return { datacenter: wanted };
    const text = wanted === undefined ? 'has several datacenters' : `has no datacenter '${wanted}'`;
    throw new StoreFault(
      'refused',
      `Cassandra at ${url.shown} ${text}: set ?datacenter= to one of ${known.join(', ')}`,
    );
  } finally {
    await connection.close();
  }
}

function checkReleases(url: DatabaseUrl, nodes: readonly Node[]): void {
  for (const { release } of nodes) {
    const [major = 0, minor = 0] = release.split('.').map(Number);
    if (major > OLDEST_RELEASE[0] || (major === OLDEST_RELEASE[0] && minor >= OLDEST_RELEASE[1])) continue;
    const text = `Cassandra at ${url.shown} has a node of release ${release}: this server needs ${OLDEST_RELEASE.join('.')} or newer`;
    throw new StoreFault('refused', text);
  }
}
