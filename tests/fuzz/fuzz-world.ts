import { type Bus, MemoryBus, MemoryNetwork } from '@duramesh/bus';
import { GrpcCode, ServiceError } from '@duramesh/contracts';
import { DEFAULT_LIMITS } from '@duramesh/engine';
import { createFrontendHandlers, ensureNamespaces, type FrontendHandlers, type RpcName } from '@duramesh/frontend';
import { startHistory } from '@duramesh/history';
import { startMatching } from '@duramesh/matching';
import { MemoryDatabase, openMemoryStore } from '@duramesh/persistence/memory';
import { type Logger, type Random, randomIds, seededRandom } from '@duramesh/runtime';
import { ProcessClock } from '@duramesh/simulator';
import { noMetrics } from '@duramesh/telemetry';
import { VirtualClock } from '@duramesh/testkit';
import { startWorker } from '@duramesh/worker';

const FACTS = { clusterId: 'fuzz', clusterName: 'fuzz', historyShards: 4, matchingSlots: 2 };
/** Few, so that runs are forgotten and read again all the time. */
const CACHED_RUNS = 40;
/** What an answer may be late on virtual time: the frontend's own retry, and a slice of a wait. */
const GRACE_MS = 3_000;

export const NAMESPACES = ['default', 'other'] as const;
const searchAttributes = { CustomKeyword: 2, CustomInt: 3, CustomBool: 5, CustomDatetime: 6, CustomText: 1 };

/** What a request came to. */
export type Answer =
  | { readonly code: 0; readonly message: ''; readonly response: object }
  | { readonly code: number; readonly message: string }
  /** The server was killed meanwhile: the caller knows nothing. */
  | { readonly code: 'lost'; readonly message: string }
  /** Neither an answer nor a refusal. */
  | { readonly code: 'hangs' | 'throws'; readonly message: string };

export interface Call {
  readonly timeoutMs: number;
  /** Milliseconds until the client goes away, if it does. */
  readonly leavesAfterMs?: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

/** All services of a server on one database, in virtual time; killed and started again at will. */
export class FuzzWorld {
  readonly clock = new VirtualClock();
  readonly database = new MemoryDatabase();
  /** What the services themselves called an error. */
  readonly logged: string[] = [];
  readonly #random: Random;
  readonly #encodes: boolean;
  #kill: () => void = () => undefined;
  #lost = new AbortController();
  #api: FrontendHandlers | undefined;

  /** @param encodes whether services talk in bytes, as over a broker, or in objects, as inside one process */
  constructor(seed: number, encodes: boolean) {
    this.#random = seededRandom(seed);
    this.#encodes = encodes;
  }

  async start(): Promise<void> {
    const clock = new ProcessClock(this.clock);
    const bus: Bus & { crash(): void } = this.#encodes
      ? new MemoryBus({ clock, network: new MemoryNetwork({ clock }) })
      : new MemoryBus({ clock });
    const store = openMemoryStore({ clock, database: this.database });
    const ids = randomIds(this.#random);
    await ensureNamespaces(
      store.namespaces,
      NAMESPACES.map((name) => ({ name, searchAttributes })),
      { clock, ids },
    );
    const stopping = new AbortController();
    const logger = errorsTo(this.logged);
    const deps = { store, bus, clock, random: this.#random, ids, logger, metrics: noMetrics, facts: FACTS };
    const member = { memberId: 'fuzz', address: 'fuzz' };
    const started = Promise.all([
      startHistory({ ...deps, member, limits: DEFAULT_LIMITS, cachedRuns: CACHED_RUNS }),
      startMatching({ ...deps, member }),
      startWorker({ ...deps, member }),
    ]);
    await this.clock.runUntil(started);
    this.#api = createFrontendHandlers(deps, stopping.signal);
    this.#kill = () => {
      clock.halt();
      bus.crash();
      void store.close();
    };
  }

  /** The process is gone at once; the next one knows only what is stored. */
  async restart(): Promise<void> {
    this.stop();
    await this.start();
  }

  stop(): void {
    this.#kill();
    this.#lost.abort();
    this.#lost = new AbortController();
  }

  /** Always resolves, at the latest a little after the caller's deadline. */
  async ask(name: RpcName, request: object, { timeoutMs, leavesAfterMs, headers }: Call): Promise<Answer> {
    const api = this.#api;
    if (!api) throw new Error('the world has not been started');
    const gone = new AbortController();
    const deadlineMs = this.clock.now() + timeoutMs;
    const leave = this.clock.schedule(Math.min(leavesAfterMs ?? timeoutMs, timeoutMs), () => gone.abort());
    const meta = { deadlineMs, signal: gone.signal, header: (key: string) => headers[key] ?? '' };
    const given = new AbortController();
    const { signal } = this.#lost;
    const end = Promise.withResolvers<Answer>();
    const late = this.clock.schedule(timeoutMs + GRACE_MS, () =>
      end.resolve({ code: 'hangs', message: `no answer ${GRACE_MS} ms after the deadline of ${timeoutMs} ms` }),
    );
    const lost = (): void => end.resolve({ code: 'lost', message: 'the server was killed' });
    signal.addEventListener('abort', lost, { once: true, signal: given.signal });
    // Any request may meet any handler here: what it makes of a wrong one is what is asked.
    const handle = api[name] as (request: object, callMeta: typeof meta) => Promise<object>;
    const answered = handle(request, meta).then((response): Answer => ({ code: 0, message: '', response }), refusal);
    try {
      return await Promise.race([answered, end.promise]);
    } finally {
      given.abort();
      late.cancel();
      leave.cancel();
    }
  }
}

function refusal(error: unknown): Answer {
  if (error instanceof ServiceError && error.code !== GrpcCode.OK) return { code: error.code, message: error.message };
  return { code: 'throws', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/** Keeps the errors among what is logged, with what caused them. */
function errorsTo(lines: string[]): Logger {
  const logger: Logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (fields, message) => {
      const cause = Object.values(fields).find((value) => value instanceof Error);
      lines.push(`${message} ${cause instanceof Error ? (cause.stack ?? cause.message) : JSON.stringify(fields)}`);
    },
    child: () => logger,
  };
  return logger;
}
