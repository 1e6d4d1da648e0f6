import type { Clock, Logger, Metrics, Tracer } from '@duramesh/runtime';
import type { DatabaseSecrets } from '../database-url.ts';
import type { SchemaTool } from './schema.ts';
import type { Store } from './store.ts';

export interface OpenStoreOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  /** Records nothing unless given. */
  readonly tracer?: Tracer | undefined;
  /** What a URL of a server database may refer to. */
  readonly secrets?: DatabaseSecrets;
}

export type OpenSchemaToolOptions = Pick<OpenStoreOptions, 'clock' | 'secrets'>;

/** One kind of database, behind the scheme of its URLs. Both reject with a StoreFault of one sentence that says what to do. */
export interface Adapter {
  /** Only an embedded database makes or changes its schema here. */
  openStore(url: string, options: OpenStoreOptions): Promise<Store>;
  openSchemaTool(url: string, options: OpenSchemaToolOptions): Promise<SchemaTool>;
}
