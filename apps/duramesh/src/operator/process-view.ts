import { setTimeout as pause } from 'node:timers/promises';
import type { Bus, BusStatus } from '@duramesh/bus';
import type { ServiceName } from '@duramesh/config';
import type { Store } from '@duramesh/persistence';
import {
  BusConnectionView,
  BusView,
  type DescribeProcessRequest,
  HealthCheckView,
  ProcessView,
  ServiceView,
  StoreView,
} from '@duramesh/proto';
import manifest from '../../package.json' with { type: 'json' };
import type { Readiness } from '../readiness.ts';
import type { RunningService } from '../services.ts';

/** The shortest timer there is. */
const SHORTEST_MS = 1;

export interface ProcessParts {
  readonly memberId: string;
  readonly store: Store;
  readonly bus: Bus;
  readonly readiness: Readiness;
  readonly running: ReadonlyMap<ServiceName, RunningService>;
}

/** What operators are told of this process. Made when somebody asks. */
export async function processView(parts: ProcessParts, request: DescribeProcessRequest): Promise<ProcessView> {
  const { memberId, readiness, running, bus } = parts;
  const [checks, delayMs] = await Promise.all([readiness.checks(), eventLoopDelayMs()]);
  const memory = process.memoryUsage();
  return ProcessView.create({
    memberId,
    version: manifest.version,
    uptimeMs: Math.round(performance.now()),
    rssBytes: memory.rss,
    heapUsedBytes: memory.heapUsed,
    eventLoopDelayMs: delayMs,
    eventLoopUtilization: performance.eventLoopUtilization().utilization,
    checks: checks.map(({ name, ok, detail = '' }) => HealthCheckView.create({ name, ok, detail })),
    store: await storeView(parts),
    bus: busView(bus.status()),
    services: Array.from(running.values(), (service) => {
      const { name, address } = service;
      return service.view?.(request) ?? ServiceView.create({ service: name, address });
    }),
  });
}

async function storeView({ store, readiness, running }: ProcessParts): Promise<StoreView> {
  const { latencyMs } = await readiness.storeAnswer();
  const { lastMs, unknown } = running.get('history')?.commits?.() ?? { lastMs: -1, unknown: 0 };
  const { commits, statements, reads } = store.stats;
  const { name } = store;
  return StoreView.create({
    name,
    commits,
    statements,
    reads,
    latencyMs,
    lastCommitMs: lastMs,
    unknownCommits: unknown,
  });
}

function busView({ connections, ...status }: BusStatus): BusView {
  return BusView.create({
    ...status,
    name: connections.length === 0 ? 'memory' : 'nats',
    connections: connections.map((connection) => BusConnectionView.create(connection)),
  });
}

async function eventLoopDelayMs(): Promise<number> {
  const beganMs = performance.now();
  await pause(SHORTEST_MS);
  return Math.max(performance.now() - beganMs - SHORTEST_MS, 0);
}
