import assert from 'node:assert/strict';
import test from 'node:test';
import { StoreFault } from '../api/store.ts';
import { serverOf } from './server.ts';

const said = (version: string, comment = '') =>
  serverOf({ version, comment, maxPacketBytes: 1, shown: 'mysql://host/db' });

test('a server is told by its version, also where it hides it behind an old one', () => {
  assert.equal(said('8.0.15', 'MySQL Community Server - GPL').flavour, 'MySQL');
  assert.equal(said('9.1.0').flavour, 'MySQL');
  assert.equal(said('10.6.18-MariaDB').flavour, 'MariaDB');
  assert.equal(said('5.5.5-10.11.2-MariaDB-log').flavour, 'MariaDB');
  assert.equal(said('11.4.2', 'mariadb.org binary distribution').flavour, 'MariaDB');
});

test('a server that is too old is refused with what to use', () => {
  for (const [version, name] of [
    ['5.7.44', 'MySQL 5.7.44'],
    ['10.5.9-MariaDB', 'MariaDB 10.5.9-MariaDB'],
    ['5.5.5-10.3.1-MariaDB', 'MariaDB 5.5.5-10.3.1-MariaDB'],
  ] as const) {
    assert.throws(
      () => said(version),
      (error) =>
        error instanceof StoreFault &&
        error.code === 'refused' &&
        error.message === `the MySQL database mysql://host/db is ${name}: use MySQL 8.0 or MariaDB 10.6, or newer`,
    );
  }
});
