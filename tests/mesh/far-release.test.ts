import assert from 'node:assert/strict';
import path from 'node:path';
import { after, test } from 'node:test';
import { Connection, isGrpcServiceError } from '@temporalio/client';
import { databases } from '../sdk/databases.ts';
import { duramesh } from '../support/duramesh.ts';
import { freePortBlock } from '../support/free-ports.ts';
import { gauge } from '../support/gauge.ts';
import { type NatsServer, startNatsServer } from '../support/nats-server.ts';
import { portOffsets, ServerProcess, startServer } from '../support/server-process.ts';

/** The real program, of a release that is too far from this one. */
const farRelease = { NODE_OPTIONS: `--import ${path.join(import.meta.dirname, '..', 'support', 'far-release.ts')}` };
const OFFSETS = [0, 1, 2, 6, 1000, 1001, -300, -299, -298, -294];
const CALL_MS = 5_000;
const UNAVAILABLE = 14;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;

let broker: NatsServer | undefined;
after(() => broker?.stop());

const linesWith = (log: string, ...parts: readonly string[]): readonly string[] =>
  log.split('\n').filter((line) => parts.every((part) => line.includes(part)));

for (const { name, create } of databases) {
  test(`a member of a far release is refused by both sides in one line before it writes, on ${name}`, async () => {
    broker ??= await startNatsServer();
    const db = await create();
    await using server = await startServer({ db, flags: ['--nats', broker.url, '--node-name', 'here'] });
    const port = String(await freePortBlock(OFFSETS));
    const flags = ['--port', port, '--db', db, '--nats', broker.url, '--node-name', 'there', '--services', 'history'];
    const { code, err } = await duramesh(['start', ...flags], farRelease);
    assert.equal(code, 1);
    assert.match(err, /^duramesh: .*here speaks contract version 1 and there needs 99 at least.*\n$/);
    assert.equal(linesWith(server.log, 'refused a member', '"reason":"contract"').length, 1, server.log);
    const [process] = server.processes;
    assert.ok(process);
    assert.equal(await gauge(process, 'membership_refused', { reason: 'contract' }), 1);
    assert.equal(linesWith(server.log, '"members":["here","there"]').length, 0, 'it never was a member');
  });

  test(`calls of a far release come over the broker to nothing, are counted, and said in one line, on ${name}`, async () => {
    broker ??= await startNatsServer();
    const port = await freePortBlock(OFFSETS);
    const shared = ['--db', await create(), '--nats', broker.url, '--log-format', 'json'];
    const processOf = (services: string, service: keyof typeof portOffsets, env = {}): ServerProcess =>
      new ServerProcess({
        name: services,
        port,
        readyPort: port + portOffsets[service],
        flags: ['--services', services, ...shared],
        env,
      });
    await using owner = processOf('history,matching', 'history');
    await owner.start();
    const caller = processOf('frontend', 'frontend', farRelease);
    await caller.start();
    const connection = await Connection.connect({ address: caller.address });
    const started = connection.withDeadline(Date.now() + CALL_MS, () =>
      connection.workflowService.startWorkflowExecution({
        namespace: 'default',
        workflowId: 'from-afar',
        workflowType: { name: 'any' },
        taskQueue: { name: 'any' },
        requestId: 'request',
      }),
    );
    await assert.rejects(started, (error) => {
      return isGrpcServiceError(error) && [UNAVAILABLE, DEADLINE_EXCEEDED].includes(error.code);
    });
    await connection.close();
    await caller.stop();
    assert.ok((await gauge(owner, 'bus_dropped_messages', { reason: 'otherVersion' })) > 0);
    assert.equal(linesWith(owner.log, 'was refused', '"reason":"otherVersion"').length, 1, owner.log);
    await using near = processOf('frontend', 'frontend');
    await near.start();
    const again = await Connection.connect({ address: near.address });
    const execution = { workflowId: 'from-afar' };
    const described = again.workflowService.describeWorkflowExecution({ namespace: 'default', execution });
    await assert.rejects(described, { code: NOT_FOUND }, 'nothing was written');
    await again.close();
  });
}
