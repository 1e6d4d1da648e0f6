import type { Bus } from '@duramesh/bus';
import type { Store } from '@duramesh/persistence';
import type { MetricsRegistry } from '@duramesh/telemetry';

/** What the process costs and what it asked of the store, read when somebody looks. */
export function exposeProcess(registry: MetricsRegistry, store: Store): void {
  const gauge = (name: string, help: string): ((value: number) => void) => {
    const it = registry.gauge(name, help);
    return (value) => it.set(value);
  };
  const cpu = gauge('process_cpu_seconds_total', 'CPU time of the process, in seconds.');
  const resident = gauge('process_resident_memory_bytes', 'Resident memory, in bytes.');
  const heap = gauge('nodejs_heap_used_bytes', 'Heap in use, in bytes.');
  const started = gauge('process_start_time_seconds', 'When the process started, in seconds since the epoch.');
  const commits = gauge('persistence_commits', 'Transactions of the store with a sync of its log.');
  const statements = gauge('persistence_statements', 'Statements sent to the store.');
  const rows = gauge('persistence_rows_written', 'Rows written to the store.');
  const bytes = gauge('persistence_bytes_written', 'Bytes written to the store.');
  const reads = gauge('persistence_reads', 'Reads from the store.');
  registry.beforeExpose(() => {
    const { user, system } = process.cpuUsage();
    cpu((user + system) / 1e6);
    const memory = process.memoryUsage();
    resident(memory.rss);
    heap(memory.heapUsed);
    started(performance.timeOrigin / 1000);
    commits(store.stats.commits);
    statements(store.stats.statements);
    rows(store.stats.rowsWritten);
    bytes(store.stats.bytesWritten);
    reads(store.stats.reads);
  });
}

/** How the bus stands, read when somebody looks. */
export function exposeBus(registry: MetricsRegistry, bus: Bus): void {
  const connected = registry.gauge('bus_connected', 'Whether other processes can be reached over the bus.');
  const up = registry.gauge('bus_connection_up', 'Whether a connection to a broker is up.');
  const reconnects = registry.gauge('bus_reconnects', 'How often a connection to a broker was made anew.');
  const pending = registry.gauge('bus_pending_requests', 'Requests of this process that wait for an answer.');
  const running = registry.gauge('bus_running_requests', 'Requests this process is answering.');
  const overloaded = registry.gauge('bus_overloaded_requests', 'Requests refused because an inbox was full.');
  const dropped = registry.gauge('bus_dropped_messages', 'Messages on the bus that were refused, by the reason.');
  registry.beforeExpose(() => {
    const status = bus.status();
    connected.set(Number(status.connected));
    for (const connection of status.connections) {
      const labels = { connection: connection.name };
      up.set(Number(connection.isUp), labels);
      reconnects.set(connection.reconnects, labels);
    }
    pending.set(status.pendingRequests);
    running.set(status.runningRequests);
    overloaded.set(status.overloadedRequests);
    for (const [reason, messages] of Object.entries(status.droppedMessages)) dropped.set(messages, { reason });
  });
}
