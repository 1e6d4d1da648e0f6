import assert from 'node:assert/strict';
import test from 'node:test';
import { StoreFault } from './api/store.ts';
import { type DatabaseSecrets, type DatabaseUrl, parseDatabaseUrl, withoutLogin } from './database-url.ts';

const rules = { schemes: ['db', 'database'], defaultPort: 99, defaultPoolSize: 4, own: ['datacenter'] } as const;
const files: Readonly<Record<string, string>> = { '/ca': 'CA', '/cert': 'CERT', '/key': 'KEY', '/secret': 's3cret\n' };
const readText = (path: string): string => {
  const text = files[path];
  if (text === undefined) throw new Error(`ENOENT ${path}`);
  return text;
};
const parse = (text: string, secrets: DatabaseSecrets = { readText }): DatabaseUrl =>
  parseDatabaseUrl(text, rules, secrets);

const refused = (message: RegExp) => (error: unknown) => {
  assert.ok(error instanceof StoreFault);
  assert.match(error.message, message);
  assert.doesNotMatch(error.message, /hunter2|\n/);
  return true;
};

test('a URL names hosts, database, user and password, in which everything may be escaped', () => {
  const url = parse('db://us%40er:p%3A%2F@a:1,b,[::1]:3/my%20base?datacenter=dc1&pool_size=7');
  assert.deepEqual(url.hosts, [
    { host: 'a', port: 1 },
    { host: 'b', port: 99 },
    { host: '::1', port: 3 },
  ]);
  assert.deepEqual([url.user, url.password, url.database, url.poolSize], ['us@er', 'p:/', 'my base', 7]);
  assert.deepEqual([...url.own], [['datacenter', 'dc1']]);
  assert.equal(url.shown, 'db://a:1,b,[::1]:3/my base');
  assert.deepEqual(parse('database://%2Frun%2Fdb/x').hosts, [{ host: '/run/db', port: 99 }]);
});

test('what a URL leaves out has a bound or is nothing', () => {
  const url = parse('db://localhost/x');
  const { user, password, poolSize, connectTimeoutMs, statementTimeoutMs } = url;
  assert.deepEqual(
    [user, password, poolSize, connectTimeoutMs, statementTimeoutMs],
    [undefined, undefined, 4, 5e3, 1e4],
  );
});

test('the password of the URL counts before that of the file, and this one before that from outside', () => {
  const secrets = { readText, password: 'outside' };
  assert.equal(parse('db://u:in@h/x?password_file=/secret', secrets).password, 'in');
  assert.equal(parse('db://u@h/x?password_file=/secret', secrets).password, 's3cret');
  assert.equal(parse('db://u@h/x', secrets).password, 'outside');
});

test('connections beyond this machine are verified unless the URL says otherwise', () => {
  for (const host of ['localhost', '127.0.0.1', '[::1]', '%2Frun']) {
    assert.equal(parse(`db://${host}/x`).tls.mode, 'disable');
  }
  assert.equal(parse('db://db.example/x').tls.mode, 'verify-full');
  assert.equal(parse('db://localhost,db.example/x').tls.mode, 'verify-full');
  assert.equal(parse('db://db.example/x?sslmode=require').tls.mode, 'require');
  assert.deepEqual(parse('db://h/x?sslrootcert=/ca&sslcert=/cert&sslkey=/key').tls, {
    mode: 'verify-full',
    ca: 'CA',
    cert: 'CERT',
    key: 'KEY',
  });
});

test('what is wrong with a URL is said in one line, and never with its password', () => {
  const login = 'db://u:hunter2@';
  assert.throws(() => parse(`${login}h`), refused(/cannot be read: write it as db:\/\/user@host:99\/database/));
  assert.throws(() => parse('other://h/x'), refused(/cannot be read/));
  assert.throws(() => parse(`${login}h/`), refused(/names no database/));
  assert.throws(() => parse(`${login}h:0/x`), refused(/'h:0' .* is no host/));
  assert.throws(() => parse(`${login}h:70000/x`), refused(/is no host/));
  assert.throws(() => parse(`${login}/x`), refused(/is no host/));
  assert.throws(() => parse('db://u:hunter2%@h/x'), refused(/stray '%'/));
  assert.throws(() => parse(`${login}h/x?poolsize=3`), refused(/unknown parameter 'poolsize': there are sslmode/));
  assert.throws(() => parse(`${login}h/x?pool_size=0`), refused(/pool_size .* from 1 to 1000/));
  assert.throws(() => parse(`${login}h/x?connect_timeout_ms=soon`), refused(/connect_timeout_ms/));
  assert.throws(() => parse(`${login}h/x?sslmode=maybe`), refused(/sslmode .* one of disable, require/));
  assert.throws(() => parse(`${login}h/x?sslcert=/cert`), refused(/sslcert and sslkey/));
  assert.throws(() => parse(`${login}h/x?sslrootcert=/no`), refused(/the file that sslrootcert names cannot be read/));
});

test('a URL is shown without its login, also where it cannot be parsed', () => {
  assert.equal(withoutLogin('db://u:hunter2@h/x'), 'db://h/x');
  assert.equal(withoutLogin('db://u:hun@ter2@h/x'), 'db://h/x');
  assert.equal(withoutLogin('sqlite:./a@b'), 'sqlite:./a@b');
});
