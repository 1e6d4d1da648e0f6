import { type Bus, MemoryBus, type MemoryNetwork, type RequestOptions } from '@duramesh/bus';
import type { PartitionsOf } from '@duramesh/contracts';
import { DEFAULT_LIMITS } from '@duramesh/engine';
import {
  createFrontendHandlers,
  type CallMeta,
  type FrontendHandlers,
  type RpcName,
  type RpcRequest,
  type RpcResponse,
} from '@duramesh/frontend';
import { startHistory } from '@duramesh/history';
import { startMatching } from '@duramesh/matching';
import type { PeerTransport } from '@duramesh/membership';
import type { MemoryPeerNetwork } from '@duramesh/membership/memory';
import type { ClusterFacts, Store } from '@duramesh/persistence';
import { type MemoryDatabase, openMemoryStore } from '@duramesh/persistence/memory';
import { type Clock, type Dice, type Ids, type Logger, type Random, randomIds, seededRandom } from '@duramesh/runtime';
import { noMetrics } from '@duramesh/telemetry';
import type { Faults } from './faults.ts';
import type { Mix } from './mix.ts';
import { ProcessClock } from './process-clock.ts';
import type { Trace } from './trace.ts';

export type Role = 'frontend' | 'history' | 'matching';

/** The parts of the world a process lives in. */
export interface Surroundings {
  readonly clock: Clock;
  readonly network: MemoryNetwork;
  /** Between members; undefined where they know each other from the store only. */
  readonly peers: MemoryPeerNetwork | undefined;
  readonly database: MemoryDatabase;
  readonly faults: Faults;
  readonly facts: ClusterFacts;
  readonly partitionsOf: PartitionsOf;
  readonly dice: Dice;
  readonly trace: Trace;
  readonly mix: Mix;
  readonly logger: Logger;
}

interface Life {
  readonly clock: ProcessClock;
  readonly store: Store;
  readonly bus: MemoryBus;
  readonly peers: PeerTransport | undefined;
  readonly lost: AbortController;
  frontend: FrontendHandlers | undefined;
  /** How many partitions it serves now. */
  owned: () => number;
}

/** The caller cannot know whether its request was carried out. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** One server process with one service, as an operator would run it: started, crashed, started again. */
export class SimProcess {
  readonly name: string;
  readonly role: Role;
  readonly #world: Surroundings;
  #life: Life | undefined;

  constructor(role: Role, index: number, world: Surroundings) {
    this.role = role;
    this.name = `${role}-${index}`;
    this.#world = world;
  }

  get isUp(): boolean {
    return this.#life !== undefined;
  }

  /** Partitions it serves now. */
  get owned(): number {
    return this.#life?.owned() ?? 0;
  }

  /** Begins to start; a process that cannot start yet goes on trying by itself. */
  start(): void {
    const { dice, trace, network, peers, database, faults } = this.#world;
    trace.event(`${this.name} starts`);
    const clock = new ProcessClock(this.#world.clock);
    const random = seededRandom(dice.below(2 ** 31));
    const store = openMemoryStore({ clock, database, faults: faults.store() });
    const bus = new MemoryBus({ clock, network });
    const lost = new AbortController();
    const life: Life = {
      clock,
      store,
      bus,
      peers: peers?.transport(this.name),
      lost,
      frontend: undefined,
      owned: () => 0,
    };
    this.#life = life;
    void this.#run(life, random, randomIds(random)).catch((error: unknown) => {
      this.#world.logger.warn({ error, process: this.name }, 'a process could not start');
      if (this.#life === life) this.crash();
    });
  }

  async #run(life: Life, random: Random, ids: Ids): Promise<void> {
    const { facts, partitionsOf, trace, logger } = this.#world;
    const bus: Bus = new TracedBus(life.bus, this.name, trace);
    const member = { memberId: this.name, address: `${this.name}:0` };
    const links = life.peers && { transport: life.peers, facts };
    const deps = {
      store: life.store,
      bus,
      clock: life.clock,
      random,
      ids,
      logger,
      metrics: noMetrics,
      facts,
      partitionsOf,
      member,
      links,
    };
    switch (this.role) {
      case 'frontend':
        life.frontend = createFrontendHandlers(deps, life.lost.signal);
        return;
      case 'history': {
        // Histories are short here: all the same they are to be copied in several pieces.
        const history = await startHistory({ ...deps, limits: DEFAULT_LIMITS, copyPieceBytes: 500 });
        life.owned = () => history.status().ownedShards;
        return;
      }
      case 'matching': {
        const matching = await startMatching(deps);
        life.owned = () => matching.ownedSlots;
      }
    }
  }

  /** kill -9: nothing it began goes on, nobody is told. */
  crash(): void {
    const life = this.#life;
    if (!life) return;
    this.#world.trace.event(`${this.name} crashes`);
    this.#life = undefined;
    life.clock.halt();
    void life.store.close();
    void life.bus.close();
    void life.peers?.close();
    life.lost.abort(new ConnectionLost(this.name));
  }

  /** A call to the public API of this frontend. @throws ServiceError, or ConnectionLost */
  async call<N extends RpcName>(name: N, request: RpcRequest<N>, timeoutMs: number): Promise<RpcResponse<N>> {
    const life = this.#life;
    if (!life?.frontend) throw new ConnectionLost(this.name);
    const { signal } = life.lost;
    this.#world.mix.rpcs.add(name);
    const meta: CallMeta = { deadlineMs: this.#world.clock.now() + timeoutMs, signal, header: () => '' };
    const lost = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    return Promise.race([life.frontend[name](request, meta), lost]);
  }
}

/** Writes down every request and every answer of a process. */
class TracedBus implements Bus {
  readonly #bus: MemoryBus;
  readonly #name: string;
  readonly #trace: Trace;

  constructor(bus: MemoryBus, name: string, trace: Trace) {
    this.#bus = bus;
    this.#name = name;
    this.#trace = trace;
  }

  get longPollSliceMs(): number {
    return 5_000;
  }
  get connected(): boolean {
    return this.#bus.connected;
  }
  status: Bus['status'] = () => this.#bus.status();
  serve: Bus['serve'] = (filter, handler, options) => this.#bus.serve(filter, handler, options);

  async request(subject: string, payload: Uint8Array, options: RequestOptions): Promise<Uint8Array> {
    this.#trace.message(this.#name, subject, payload);
    const reply = await this.#bus.request(subject, payload, options);
    this.#trace.message(this.#name, `${subject} answered`, reply);
    return reply;
  }

  close(): Promise<void> {
    return this.#bus.close();
  }
}
