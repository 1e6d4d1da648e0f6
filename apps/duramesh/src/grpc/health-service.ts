import { type sendUnaryData, type ServerUnaryCall, type ServerWritableStream, status } from '@grpc/grpc-js';
import { publicCodec } from '@duramesh/proto';
import type { Clock, Timer } from '@duramesh/runtime';
import { type GrpcService, methodDefinition } from './grpc-service.ts';

interface HealthRequest {
  readonly service: string;
}
interface HealthResponse {
  readonly status: number;
}

const codecs = {
  request: publicCodec<HealthRequest>('grpc.health.v1.HealthCheckRequest'),
  response: publicCodec<HealthResponse>('grpc.health.v1.HealthCheckResponse'),
};
export const HEALTH_SERVICE = 'grpc.health.v1.Health';
const ServingStatus = { SERVING: 1, NOT_SERVING: 2, SERVICE_UNKNOWN: 3 } as const;
/** How often it is looked again while somebody watches. */
const WATCH_MS = 2_000;

interface Watcher {
  readonly call: ServerWritableStream<HealthRequest, HealthResponse>;
  told: number;
}

export interface HealthServiceOptions {
  /** Names that are known beside the empty one, which stands for the server as a whole. */
  readonly services: readonly string[];
  /** Whether they take calls: all of them together. */
  readonly isReady: () => Promise<boolean>;
  readonly clock: Clock;
}

/** grpc.health.v1.Health: found out when somebody asks, and again and again only while somebody watches. */
export class HealthService {
  readonly #options: HealthServiceOptions;
  readonly #services: ReadonlySet<string>;
  readonly #watchers = new Set<Watcher>();
  #timer: Timer | undefined;
  #isDraining = false;

  constructor(options: HealthServiceOptions) {
    this.#options = options;
    this.#services = new Set(['', ...options.services]);
  }

  get grpcService(): GrpcService {
    const path = (method: string): string => `/${HEALTH_SERVICE}/${method}`;
    return {
      definition: {
        Check: methodDefinition(path('Check'), codecs, { requestStream: false, responseStream: false }),
        Watch: methodDefinition(path('Watch'), codecs, { requestStream: false, responseStream: true }),
      },
      implementation: {
        Check: (call: ServerUnaryCall<HealthRequest, HealthResponse>, callback: sendUnaryData<HealthResponse>) =>
          void this.#check(call.request.service, callback),
        Watch: (call: Watcher['call']) => this.#watch(call),
      },
    };
  }

  /** Says that the services are going, and ends the watches, which otherwise last as long as their clients. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.#timer?.cancel();
    await this.#tell();
    for (const { call } of this.#watchers) call.end();
    this.#watchers.clear();
  }

  async #check(service: string, callback: sendUnaryData<HealthResponse>): Promise<void> {
    if (this.#services.has(service)) callback(null, { status: await this.#status() });
    else callback({ code: status.NOT_FOUND, details: 'unknown service' });
  }

  #watch(call: Watcher['call']): void {
    const watcher = { call, told: 0 };
    this.#watchers.add(watcher);
    call.once('cancelled', () => this.#watchers.delete(watcher));
    if (this.#timer === undefined) void this.#look();
    else void this.#tell();
  }

  async #look(): Promise<void> {
    this.#timer = undefined;
    await this.#tell();
    if (this.#isDraining || this.#watchers.size === 0) return;
    this.#timer ??= this.#options.clock.schedule(WATCH_MS, () => void this.#look());
  }

  /** Only what is news is told. */
  async #tell(): Promise<void> {
    const now = await this.#status();
    for (const watcher of this.#watchers) {
      const known = this.#services.has(watcher.call.request.service);
      const told = known ? now : ServingStatus.SERVICE_UNKNOWN;
      if (watcher.told === told) continue;
      watcher.told = told;
      watcher.call.write({ status: told });
    }
  }

  async #status(): Promise<number> {
    const isReady = !this.#isDraining && (await this.#options.isReady());
    // It may have begun to drain while it was looked.
    return isReady && !this.#isDraining ? ServingStatus.SERVING : ServingStatus.NOT_SERVING;
  }
}
