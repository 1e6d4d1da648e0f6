import { StoreFault } from '../api/store.ts';
import { textIn } from './literals.ts';
import type { Session } from './session.ts';

/** What the server said about itself. */
export interface Server {
  readonly flavour: 'MariaDB' | 'MySQL';
  readonly version: string;
  /** Of one packet to it. */
  readonly maxPacketBytes: number;
}

const OLDEST: Readonly<Record<Server['flavour'], readonly [number, number]>> = { MariaDB: [10, 6], MySQL: [8, 0] };

const QUERY = 'SELECT CAST(VERSION() AS BINARY), CAST(@@version_comment AS BINARY), @@max_allowed_packet';

/** @throws StoreFault when the server is too old */
export async function identify(session: Session, shown: string): Promise<Server> {
  const [answer] = await session.run([QUERY]);
  const [version, comment, maxPacketBytes] = (answer?.[0] ?? []) as [Uint8Array, Uint8Array, number];
  return serverOf({ version: textIn(version), comment: textIn(comment), maxPacketBytes, shown });
}

export function serverOf(said: {
  readonly version: string;
  readonly comment: string;
  readonly maxPacketBytes: number;
  readonly shown: string;
}): Server {
  const { version, comment, maxPacketBytes, shown } = said;
  const flavour = /mariadb/i.test(version + comment) ? 'MariaDB' : 'MySQL';
  // Some MariaDB servers say 5.5.5- first, for programs that cannot read a number of two digits.
  const [, major = '0', minor = '0'] = /^(?:5\.5\.5-)?(\d+)\.(\d+)/.exec(version) ?? [];
  const [oldestMajor, oldestMinor] = OLDEST[flavour];
  if (Number(major) * 1000 + Number(minor) < oldestMajor * 1000 + oldestMinor) {
    const oldest = `MySQL ${OLDEST.MySQL.join('.')} or MariaDB ${OLDEST.MariaDB.join('.')}`;
    throw new StoreFault('refused', `the MySQL database ${shown} is ${flavour} ${version}: use ${oldest}, or newer`);
  }
  return { flavour, version, maxPacketBytes };
}

/** How long a statement waits for the row lock of another one. */
const LOCK_WAIT_S = 5;

/** Makes a new connection behave the same on any server, whatever it has been configured to. */
export async function configure(session: Session, server: Server, statementTimeoutMs: number): Promise<void> {
  const ownSettings =
    server.flavour === 'MariaDB'
      ? // Long lists stay lists, and do not become joins with another plan.
        [`in_predicate_conversion_threshold = 0`, `max_statement_time = ${statementTimeoutMs / 1000}`]
      : [`range_optimizer_max_mem_size = 0`, `max_execution_time = ${statementTimeoutMs}`];
  const settings = [
    `sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'`,
    `time_zone = '+00:00'`,
    'autocommit = 1',
    `innodb_lock_wait_timeout = ${LOCK_WAIT_S}`,
    ...ownSettings,
  ];
  await session.run([`SET ${settings.map((setting) => `SESSION ${setting}`).join(', ')}`]);
  await session.run(['SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED']);
}
