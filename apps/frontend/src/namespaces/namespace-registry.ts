import type { NamespaceStore } from '@duramesh/persistence';
import type { NamespaceRecord } from '@duramesh/proto';
import type { Clock, Logger, TimestampMs } from '@duramesh/runtime';

interface RegistryDeps {
  readonly store: NamespaceStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A namespace that is known, or whether there is one. */
export type Found = NamespaceRecord | Promise<NamespaceRecord | undefined>;

interface Lookup {
  known(key: string): NamespaceRecord | undefined;
  read(key: string): Promise<NamespaceRecord | undefined>;
}

/** How old what is known may be when it is used. */
const FRESH_MS = 2000;
/** How long a refresh may hold up a call; then it is answered from what is known. */
const REFRESH_WAIT_MS = 1000;
/** How long a name that is not in the store is remembered as such. */
const UNKNOWN_MS = 500;
const MAX_UNKNOWN = 10_000;

/**
 * The namespaces as this process knows them: at most two seconds old, read again only when somebody asks.
 * A name it does not know is looked up in the store, so that a namespace can be used as soon as it is registered.
 */
export class NamespaceRegistry {
  readonly #deps: RegistryDeps;
  #byName = new Map<string, NamespaceRecord>();
  #byId = new Map<string, NamespaceRecord>();
  readonly #unknown = new Map<string, TimestampMs>();
  #refreshedMs = Number.NEGATIVE_INFINITY;
  #refresh: Promise<void> | undefined;

  constructor(deps: RegistryDeps) {
    this.#deps = deps;
  }

  /** Answers at once when the namespace is known and fresh. */
  byName(name: string): Found {
    const known = this.#byName.get(name);
    if (known && this.#isFresh()) return known;
    return this.#lookUp(name, this.#names);
  }

  byId(id: string): Found {
    const known = this.#byId.get(id);
    if (known && this.#isFresh()) return known;
    return this.#lookUp(id, this.#ids);
  }

  /** Makes a change of this process visible to its own next call. */
  put(record: NamespaceRecord): void {
    const before = this.#byId.get(record.id);
    if (before && before.version > record.version) return;
    if (before && before.name !== record.name) this.#byName.delete(before.name);
    this.#byId.set(record.id, record);
    this.#byName.set(record.name, record);
    this.#unknown.delete(record.name);
    this.#unknown.delete(record.id);
  }

  readonly #names: Lookup = {
    known: (name: string) => this.#byName.get(name),
    read: (name: string) => this.#deps.store.readByName(name),
  };
  readonly #ids: Lookup = {
    known: (id: string) => this.#byId.get(id),
    read: (id: string) => this.#deps.store.readById(id),
  };

  async #lookUp(key: string, by: Lookup): Promise<NamespaceRecord | undefined> {
    await this.#freshen();
    const known = by.known(key);
    if (known) return known;
    const { clock } = this.#deps;
    if ((this.#unknown.get(key) ?? 0) > clock.now()) return undefined;
    const record = await by.read(key);
    if (record) this.put(record);
    else this.#rememberUnknown(key);
    return record;
  }

  #rememberUnknown(key: string): void {
    if (this.#unknown.size >= MAX_UNKNOWN) this.#unknown.clear();
    this.#unknown.set(key, this.#deps.clock.now() + UNKNOWN_MS);
  }

  #isFresh(): boolean {
    return this.#deps.clock.monotonicMs() - this.#refreshedMs < FRESH_MS;
  }

  /** One refresh at a time. The first one is waited for as long as it takes: without it nothing is known. */
  async #freshen(): Promise<void> {
    if (this.#isFresh()) return;
    this.#refresh ??= this.#readAll().finally(() => {
      this.#refresh = undefined;
    });
    if (this.#refreshedMs === Number.NEGATIVE_INFINITY) return this.#refresh;
    await this.#orLate(this.#refresh);
  }

  async #orLate(refresh: Promise<void>): Promise<void> {
    const { clock, logger } = this.#deps;
    const done = new AbortController();
    try {
      await Promise.race([refresh, clock.sleep(REFRESH_WAIT_MS, done.signal)]);
    } catch (error) {
      logger.warn({ err: error }, 'Could not refresh the namespaces; older knowledge is used.');
    } finally {
      done.abort();
    }
  }

  async #readAll(): Promise<void> {
    const asked = this.#deps.clock.monotonicMs();
    const records = await this.#deps.store.list();
    const known = this.#byId;
    this.#byId = new Map();
    this.#byName = new Map();
    for (const record of records) {
      const own = known.get(record.id);
      // What this process wrote meanwhile is newer; what has not changed keeps what was made from it.
      const newest = own && own.version >= record.version ? own : record;
      this.#byId.set(newest.id, newest);
      this.#byName.set(newest.name, newest);
    }
    this.#refreshedMs = asked;
  }
}
