import type { Client } from 'cassandra-driver';
import type { Clock } from '@duramesh/runtime';

const PAUSE_AFTER_FAULT_MS = 500;

/** What driver 4.10 does when the node that tells it of the cluster is lost: it finds another one, or sets a timer to try again. */
interface Searching {
  /** @param nodes those that are left of a search that goes on */
  _refresh(nodes?: unknown): Promise<void>;
}

/**
 * Lets the driver search for a node once at a time. Left to itself it begins a search for each time that it has subscribed
 * to the loss, which is twice after all nodes were away, and twice as often after each further time. One search takes the
 * node from another, and what fails then is a rejection that nobody handles: the end of the process (NODEJS-681).
 */
export function searchOnceAtATime(client: Client, clock: Clock): void {
  const control = (client as unknown as { readonly controlConnection: Searching }).controlConnection;
  const refresh = control._refresh.bind(control);
  const search = async (): Promise<void> => {
    for (;;) {
      try {
        return await refresh();
      } catch {
        await clock.sleep(PAUSE_AFTER_FAULT_MS);
      }
    }
  };
  let underWay: Promise<void> | undefined;
  control._refresh = (nodes) => {
    if (nodes !== undefined) return refresh(nodes);
    underWay ??= search().finally(() => (underWay = undefined));
    return underWay;
  };
}
