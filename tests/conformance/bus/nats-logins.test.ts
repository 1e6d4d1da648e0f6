import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import type { NatsAccessOptions } from '@duramesh/bus/nats';
import { type Certificate, CertificateAuthority } from '../../support/certificates.ts';
import { duramesh } from '../../support/duramesh.ts';
import { freePortBlock } from '../../support/free-ports.ts';
import { NatsOperator, natsUserKey } from '../../support/nats-jwt.ts';
import { type NatsServer, startNatsServer } from '../../support/nats-server.ts';
import { until } from '../../support/until.ts';
import { bytes, echo, reachable, text } from './bus-suite.ts';
import { connected, openNatsBus } from './nats-pair.ts';

let folder: string;
let files = 0;
const brokers: NatsServer[] = [];

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'duramesh-logins-'));
});
after(async () => {
  for (const broker of brokers) await broker.stop();
  rmSync(folder, { recursive: true });
});

function fileOf(content: string): string {
  const name = path.join(folder, `file-${(files += 1)}`);
  writeFileSync(name, content);
  return name;
}

async function brokerWith(configuration: string): Promise<NatsServer> {
  const broker = await startNatsServer({ args: ['-c', fileOf(configuration)] });
  brokers.push(broker);
  return broker;
}

const readText = (name: string): string => readFileSync(name, 'utf8');

/** Two buses with this access reach each other. */
async function letsIn(access: NatsAccessOptions): Promise<void> {
  const [client, server] = [openNatsBus([], { ...access, readText }), openNatsBus([], { ...access, readText })];
  await Promise.all([connected(client), connected(server)]);
  server.serve('echo.v1.*.1', echo);
  await reachable({ client, server });
  assert.equal(text(await client.request('echo.v1.m.1', bytes('in'), { timeoutMs: 5_000 })), 'in');
  await Promise.all([client.close(), server.close()]);
}

const flagNames = {
  urls: '--nats',
  credentials: '--nats-credentials',
  nkey: '--nats-nkey',
  tlsCa: '--nats-tls-ca',
  tlsCert: '--nats-tls-cert',
  tlsKey: '--nats-tls-key',
} as const;

/** The one line with which the program ends that is started with this access. */
async function refusal(access: NatsAccessOptions, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const flags = Object.entries(flagNames).flatMap(([name, flag]) => {
    const value = access[name as keyof typeof flagNames];
    return value === undefined ? [] : [flag, value];
  });
  const own = ['--db', 'memory:', '--port', '0', '--log-level', 'error'];
  const { code, err } = await duramesh(['start', ...own, ...flags], env);
  assert.equal(code, 1, err);
  assert.match(err, /^duramesh: [^\n]+\n$/);
  return err.slice('duramesh: '.length, -1);
}

/** Each starts the program several times, which a busy machine takes seconds for. */
const within = { timeout: 150_000 };

void test('a user and a password let in, in the URL or in a variable, and wrong ones do not', within, async () => {
  const broker = await brokerWith('authorization { users: [{ user: "me@home", password: "s/ecret" }] }');
  const { host } = new URL(broker.url);
  await letsIn({ urls: `nats://me%40home:s%2Fecret@${host}` });
  await letsIn({ urls: `nats://me%40home@${host}`, password: 's/ecret' });
  const wrong = await refusal({ urls: `nats://me%40home:wr0ng@${host}` });
  assert.equal(wrong, `${host} refuses user "me@home": correct the login, or what the broker knows of it`);
  const fromVariable = await refusal({ urls: `nats://me%40home@${host}` }, { DURAMESH_NATS_PASSWORD: 'wr0ng' });
  assert.equal(fromVariable, wrong);
  assert.equal(
    await refusal({ urls: broker.url }),
    `${host} asks for a login: give --nats-credentials, --nats-nkey, or a user and a password in --nats`,
  );
});

void test('an NKey lets in, and another one or a broken file does not', within, async () => {
  const { publicKey, seed } = natsUserKey();
  const broker = await brokerWith(`authorization { users: [{ nkey: ${publicKey} }] }`);
  const { host } = new URL(broker.url);
  await letsIn({ urls: broker.url, nkey: fileOf(`# of the test\n${seed}\n`) });
  const other = fileOf(natsUserKey().seed);
  assert.equal(
    await refusal({ urls: broker.url, nkey: other }),
    `${host} refuses the NKey in ${other}: correct the login, or what the broker knows of it`,
  );
  // In the middle: of the last character two bits say nothing.
  const broken = fileOf(seed.slice(0, 30) + (seed[30] === 'A' ? 'B' : 'A') + seed.slice(31));
  for (const file of [broken, fileOf(publicKey), fileOf('')]) {
    assert.equal(
      await refusal({ urls: broker.url, nkey: file }),
      `--nats-nkey: ${file} holds no seed of a user (58 characters that begin with SU)`,
    );
  }
  const missing = path.join(folder, 'missing');
  assert.match(await refusal({ urls: broker.url, nkey: missing }), /^--nats-nkey: .*missing cannot be read: ENOENT/);
});

void test('credentials let in, and those of another operator, expired or broken ones do not', within, async () => {
  const operator = new NatsOperator();
  const broker = await brokerWith(operator.configuration);
  const { host } = new URL(broker.url);
  await letsIn({ urls: broker.url, credentials: fileOf(operator.credentials()) });
  const expired = operator.credentials({ expiresAt: Math.floor(Date.now() / 1000) - 60 });
  for (const content of [new NatsOperator().credentials(), expired]) {
    const file = fileOf(content);
    assert.equal(
      await refusal({ urls: broker.url, credentials: file }),
      `${host} refuses the credentials in ${file}: correct the login, or what the broker knows of it`,
    );
  }
  const broken = fileOf(operator.credentials().replace(/^SU\w+$/m, 'SUNOSEED'));
  assert.equal(
    await refusal({ urls: broker.url, credentials: broken }),
    `--nats-credentials: ${broken} holds no JWT and seed of a user`,
  );
});

void test('credentials that expire are read anew, and a renewed file lets in without a restart', within, async () => {
  const operator = new NatsOperator();
  const broker = await brokerWith(operator.configuration);
  const file = fileOf(operator.credentials({ expiresAt: Math.floor(Date.now() / 1000) + 2 }));
  const bus = openNatsBus([broker.url], { credentials: file, readText });
  await connected(bus);
  const isRefused = (): boolean => bus.status().connections.every(({ fault }) => fault.includes('refuses'));
  await until(isRefused, { what: 'the credentials expire', withinMs: 10_000 });
  writeFileSync(file, operator.credentials());
  await connected(bus);
  await bus.close();
});

void test('a broker with TLS is trusted by its CA only, under its own name', within, async (t) => {
  const authority = authorityOf(t, 'own');
  if (authority === undefined) return;
  const shown = authority.issue('broker', 'IP:127.0.0.1');
  const broker = await brokerWith(tlsConfiguration(shown));
  const { host, port } = new URL(broker.url);
  await letsIn({ urls: `tls://${host}`, tlsCa: authority.cert });
  await letsIn({ urls: `nats://${host}`, tlsCa: authority.cert });
  const untrusted = new RegExp(`^${host} shows a certificate that is not trusted .*--nats-tls-ca$`);
  assert.match(await refusal({ urls: `tls://${host}` }), untrusted);
  const stranger = new CertificateAuthority(folder, 'stranger');
  assert.match(await refusal({ urls: `tls://${host}`, tlsCa: stranger.cert }), untrusted);
  const byName = await refusal({ urls: `tls://localhost:${port}`, tlsCa: authority.cert });
  assert.match(byName, /^localhost:\d+ shows a certificate of another host .*correct --nats$/);
});

void test('a broker that asks for client certificates takes those of its CA only', within, async (t) => {
  const authority = authorityOf(t, 'mutual');
  if (authority === undefined) return;
  const shown = authority.issue('broker', 'IP:127.0.0.1');
  const broker = await brokerWith(tlsConfiguration(shown, authority.cert));
  const { host } = new URL(broker.url);
  const own = authority.issue('process', 'DNS:process');
  const access = { urls: `tls://${host}`, tlsCa: authority.cert };
  await letsIn({ ...access, tlsCert: own.cert, tlsKey: own.key });
  const wanted = `${host} wants another client certificate: give --nats-tls-cert and --nats-tls-key that it trusts`;
  assert.equal(await refusal(access), wanted);
  const foreign = new CertificateAuthority(folder, 'foreign').issue('process', 'DNS:process');
  assert.equal(await refusal({ ...access, tlsCert: foreign.cert, tlsKey: foreign.key }), wanted);
  assert.equal(
    await refusal({ ...access, tlsCert: own.cert }),
    '--nats-tls-cert and --nats-tls-key go together: give both',
  );
});

void test('a broker without TLS is refused by who insists on it', within, async () => {
  const broker = await brokerWith('');
  const { host } = new URL(broker.url);
  assert.equal(
    await refusal({ urls: `tls://${host}` }),
    `${host} offers no TLS: turn it on there, or give a nats: URL and no --nats-tls flag`,
  );
});

void test('what is no broker, hangs, or is not there is told apart at the start', within, async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  const talkative = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1');
  await Promise.all([once(silent, 'listening'), once(talkative, 'listening')]);
  const hostOf = (server: typeof silent): string => {
    const address = server.address();
    return `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  };
  const absent = `127.0.0.1:${await freePortBlock([0])}`;
  const lines = {
    [hostOf(silent)]: 'accepts connections and says nothing: it hangs, or is no NATS broker',
    [hostOf(talkative)]: 'is no NATS broker: correct --nats',
    [absent]: 'refuses connections: start the broker, or correct --nats',
  };
  const each = Object.entries(lines).map(([host, line]) => ({ urls: `nats://${host}`, told: `${host} ${line}` }));
  const all = {
    urls: each.map(({ urls }) => urls).join(','),
    told: each
      .map(({ told }) => told)
      .toSorted()
      .join('; '),
  };
  await Promise.all([...each, all].map(async ({ urls, told }) => assert.equal(await refusal({ urls }), told)));
  silent.close();
  talkative.close();
});

function tlsConfiguration({ cert, key }: Certificate, clientCa?: string): string {
  const verify = clientCa === undefined ? '' : `ca_file: "${clientCa}", verify: true`;
  return `tls { cert_file: "${cert}", key_file: "${key}", ${verify} }`;
}

/** Undefined, and the test skipped, where there is no openssl. */
function authorityOf(t: { skip(message: string): void }, name: string): CertificateAuthority | undefined {
  try {
    return new CertificateAuthority(folder, name);
  } catch {
    t.skip('there is no openssl to make a certificate');
    return undefined;
  }
}
