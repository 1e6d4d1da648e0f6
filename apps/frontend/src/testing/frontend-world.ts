import { MemoryBus, serve } from '@duramesh/bus';
import {
  type Contract,
  type Handlers,
  historyContract,
  type HistoryContract,
  matchingContract,
  type MatchingContract,
  ServiceError,
  unimplemented,
} from '@duramesh/contracts';
import { openMemoryStore } from '@duramesh/persistence/memory';
import { type Logger, randomIds, seededRandom } from '@duramesh/runtime';
import { noMetrics, silentLogger } from '@duramesh/telemetry';
import { VirtualClock } from '@duramesh/testkit';
import { createFrontendHandlers, type FrontendHandlers } from '../create-frontend-handlers.ts';
import type { FrontendDeps } from '../frontend-deps.ts';
import { ensureNamespaces } from '../namespaces/ensure-namespaces.ts';
import type { CallMeta } from '../rpc/call-meta.ts';
import type { RpcName, RpcRequest, RpcResponse } from '../rpc/rpc-types.ts';

interface Answers {
  readonly history?: Partial<Handlers<HistoryContract>>;
  readonly matching?: Partial<Handlers<MatchingContract>>;
}

export interface CallOptions {
  readonly deadlineInMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Keyword attributes and one of each other type, as the tests use them. */
const searchAttributes = { CustomKeyword: 2, CustomInt: 3, CustomBool: 5, CustomDatetime: 6 };

/** A frontend over one partition of history and of matching that answer what the test says. */
export class FrontendWorld {
  readonly clock = new VirtualClock();
  readonly bus = new MemoryBus({ clock: this.clock });
  readonly store = openMemoryStore({ clock: this.clock });
  readonly stopping = new AbortController();
  readonly deps: FrontendDeps;
  readonly api: FrontendHandlers;

  constructor(answers: Answers = {}, deps: Partial<FrontendDeps> = {}) {
    const { clock, bus, store } = this;
    const random = seededRandom(3);
    const ids = randomIds(random);
    const facts = { clusterId: ids.uuid(), clusterName: 'test', historyShards: 1, matchingSlots: 1 };
    const quiet = { logger: silentLogger, metrics: noMetrics };
    this.deps = { store, bus, clock, random, ids, facts, ...quiet, ...deps };
    this.#serve(historyContract, answers.history ?? {});
    this.#serve(matchingContract, answers.matching ?? {});
    this.api = createFrontendHandlers(this.deps, this.stopping.signal);
  }

  static async start(answers: Answers = {}, deps: Partial<FrontendDeps> = {}): Promise<FrontendWorld> {
    const world = new FrontendWorld(answers, deps);
    await ensureNamespaces(world.store.namespaces, [{ name: 'default', searchAttributes }], world.deps);
    return world;
  }

  async namespaceId(name = 'default'): Promise<string> {
    return (await this.store.namespaces.readByName(name))?.id ?? '';
  }

  call<N extends RpcName>(name: N, request: RpcRequest<N>, options: CallOptions = {}): Promise<RpcResponse<N>> {
    const { headers = {}, deadlineInMs = 10_000, signal = new AbortController().signal } = options;
    const deadlineMs = this.clock.now() + deadlineInMs;
    const meta: CallMeta = { deadlineMs, signal, header: (key) => headers[key] ?? '' };
    return this.clock.runUntil(this.api[name](request, meta));
  }

  /** Code and text of the refusal, as one line. */
  async refusal<N extends RpcName>(name: N, request: RpcRequest<N>, options?: CallOptions): Promise<string> {
    const error = await this.fails(name, request, options);
    return `${error.code} ${error.message}`;
  }

  async fails<N extends RpcName>(name: N, request: RpcRequest<N>, options?: CallOptions): Promise<ServiceError> {
    try {
      await this.call(name, request, options);
    } catch (error) {
      if (error instanceof ServiceError) return error;
      throw error;
    }
    throw new Error(`${name} was expected to be refused`);
  }

  #serve<C extends Contract>(contract: C, answers: Partial<Handlers<C>>): void {
    const unasked = (name: string) => async () => Promise.reject(unimplemented(`nobody answers ${name} in this test`));
    const names = Object.keys(contract.methods);
    const all = Object.fromEntries(names.map((name) => [name, answers[name] ?? unasked(name)]));
    const logger: Logger = silentLogger;
    // Every method of the contract is in the table.
    serve(this.bus, contract, { partition: 0, handlers: all as unknown as Handlers<C>, logger });
  }
}
