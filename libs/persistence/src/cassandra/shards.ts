import type { Connection } from './connect.ts';
import { Recent } from '../recent.ts';
import { hints, type HintPlace, type WorkflowKey } from './statements.ts';

const MAX_KNOWN = 100_000;

interface Known {
  readonly partition: number;
  /** This process has written it, and has not removed it since. */
  readonly isOurs: boolean;
}

export const workflowName = ({ namespaceId, workflowId }: WorkflowKey): string => `${namespaceId}\0${workflowId}`;

/** In which shard each workflow lies: readers name runs, partitions hold them. */
export class Shards {
  readonly #connection: Connection;
  readonly #known = new Recent<Known>(MAX_KNOWN);

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** undefined when nothing was ever written of the workflow. @throws StoreFault */
  async find(key: WorkflowKey): Promise<number | undefined> {
    const name = workflowName(key);
    const known = this.#known.get(name);
    if (known) return known.partition;
    const [row] = await this.#connection.read<{ readonly partition_id: number }>(hints.shard(key));
    if (row && this.#known.get(name) === undefined) {
      this.#known.set(name, { partition: row.partition_id, isOurs: false });
    }
    return row?.partition_id;
  }

  isWritten(place: HintPlace): boolean {
    return this.#known.get(workflowName(place.key))?.isOurs === true;
  }

  written({ key, partition }: HintPlace): void {
    this.#known.set(workflowName(key), { partition, isOurs: true });
  }

  /** The next write of the workflow has to say its shard again. */
  forget(key: WorkflowKey): void {
    this.#known.delete(workflowName(key));
  }
}
