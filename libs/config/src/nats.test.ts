import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfig } from './config.ts';

const resolve = (flags: string, env: Readonly<Record<string, string>> = {}) =>
  resolveConfig({
    args: flags.split(' '),
    env,
    hostName: 'host',
    isTerminal: false,
    readText: () => '{"nats": "nats://a:4222", "nats-nkey": "/etc/duramesh/seed"}',
  });

const messageOf = (flags: string): string => {
  const answer = resolve(flags);
  return answer.ok ? 'accepted' : answer.message;
};

test('all brokers of a cluster are named in one setting, and shown without their logins', () => {
  const answer = resolve('--nats nats://me:secret@a:4222,tls://b:4223');
  assert.ok(answer.ok);
  assert.equal(answer.config.natsUrl, 'nats://me:secret@a:4222,tls://b:4223');
  assert.equal(answer.config.brokers, 'nats://a:4222,tls://b:4223');
});

test('what proves who we are is named by flags, variables, or the config file', () => {
  const flags = resolve(
    '--nats nats://a --nats-credentials c --nats-tls-ca ca --nats-tls-cert cert --nats-tls-key key',
  );
  assert.ok(flags.ok);
  const tls = { tlsCa: 'ca', tlsCert: 'cert', tlsKey: 'key' };
  assert.deepEqual(flags.config.natsFiles, { credentials: 'c', nkey: undefined, ...tls });
  const file = resolve('--config c.json', { DURAMESH_NATS_TLS_CA: 'ca' });
  assert.ok(file.ok);
  const { nkey, tlsCa } = file.config.natsFiles;
  assert.deepEqual([file.config.natsUrl, nkey, tlsCa], ['nats://a:4222', '/etc/duramesh/seed', 'ca']);
});

test('what makes no sense is refused, and no password is told', () => {
  assert.equal(messageOf('--nats-nkey seed'), 'the --nats-… flags need --nats URL');
  const form = '--nats must be a URL such as nats://127.0.0.1:4222, but was';
  assert.equal(messageOf('--nats http://a'), `${form} 'http://a'`);
  assert.equal(messageOf('--nats nats://a,b'), `${form} 'nats://a,b'`);
  assert.equal(messageOf('--nats ws://me:secret@a'), `${form} 'ws://me:***@a'`);
});
