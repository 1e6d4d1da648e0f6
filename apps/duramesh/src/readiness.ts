import type { Bus } from '@duramesh/bus';
import type { ServiceName } from '@duramesh/config';
import type { LeaseStore } from '@duramesh/persistence';
import { DescribeProcessRequest } from '@duramesh/proto';
import type { Clock } from '@duramesh/runtime';
import type { HealthCheck } from '@duramesh/telemetry';
import type { RunningService } from './services.ts';

/** What was found holds for so long: whoever asks often costs no more. */
const FRESH_MS = 1_000;
const STORE_PATIENCE_MS = 2_000;
/** Two heartbeats were missed by then: others are about to take over what it has, or have. */
const SILENCE_MS = 15_000;

export interface ReadinessDeps {
  readonly store: { readonly leases: Pick<LeaseStore, 'readRangeIds'> };
  readonly bus: Pick<Bus, 'status'>;
  readonly clock: Clock;
  /** Those that ought to run here. */
  readonly services: readonly ServiceName[];
  /** Those that do. One that is about to stop is not among them. */
  readonly running: ReadonlyMap<ServiceName, RunningService>;
}

/** What the store said when it was last asked. */
export interface StoreAnswer {
  /** How long it took; -1 when it did not answer. */
  readonly latencyMs: number;
  readonly fault: string | undefined;
}

/**
 * Whether this process can do its work: the store answers, the bus is connected, and each service knows who lives and is not about to
 * stop. Found out when somebody asks.
 */
export class Readiness {
  readonly #deps: ReadinessDeps;
  #asked: { readonly atMs: number; readonly answer: Promise<StoreAnswer> } | undefined;

  constructor(deps: ReadinessDeps) {
    this.#deps = deps;
  }

  /** Of one service, or of the whole process. */
  async checks(only?: ServiceName): Promise<readonly HealthCheck[]> {
    const { bus, services } = this.#deps;
    const { fault } = await this.storeAnswer();
    const wanted = only === undefined ? services : [only];
    return [
      { name: 'store', ok: fault === undefined, ...(fault !== undefined && { detail: fault }) },
      busCheck(bus),
      ...wanted.map((name) => this.#service(name)),
    ];
  }

  async isReady(only?: ServiceName): Promise<boolean> {
    return (await this.checks(only)).every(({ ok }) => ok);
  }

  storeAnswer(): Promise<StoreAnswer> {
    const nowMs = this.#deps.clock.monotonicMs();
    if (this.#asked === undefined || nowMs - this.#asked.atMs > FRESH_MS) {
      this.#asked = { atMs: nowMs, answer: this.#askStore() };
    }
    return this.#asked.answer;
  }

  async #askStore(): Promise<StoreAnswer> {
    const { store, clock } = this.#deps;
    const beganMs = clock.monotonicMs();
    const patience = new AbortController();
    const tooLate = clock.sleep(STORE_PATIENCE_MS, patience.signal).then(
      () => `it has not answered within ${STORE_PATIENCE_MS / 1_000} s`,
      () => undefined,
    );
    const answered = store.leases.readRangeIds('history', [0]).then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const fault = await Promise.race([answered, tooLate]);
    patience.abort();
    return { fault, latencyMs: fault === undefined ? clock.monotonicMs() - beganMs : -1 };
  }

  #service(name: ServiceName): HealthCheck {
    const service = this.#deps.running.get(name);
    if (service === undefined) return { name, ok: false, detail: 'it does not serve: it is starting or stopping' };
    const view = service.view?.(DescribeProcessRequest.create());
    const silentMs = view === undefined ? 0 : this.#deps.clock.now() - view.membersAtMs;
    if (silentMs <= SILENCE_MS) return { name, ok: true };
    const detail = `it has not heard for ${Math.round(silentMs / 1_000)} s who lives: others may have taken over`;
    return { name, ok: false, detail };
  }
}

function busCheck(bus: Pick<Bus, 'status'>): HealthCheck {
  const { connected, connections } = bus.status();
  const down = connections.filter(({ isUp }) => !isUp).map(({ name, fault }) => `${name}: ${fault}`);
  return { name: 'bus', ok: connected, ...(down.length > 0 && { detail: down.join('; ') }) };
}
