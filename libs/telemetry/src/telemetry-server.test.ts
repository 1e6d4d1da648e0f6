import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@duramesh/runtime/system';
import { type HealthCheck, startTelemetryServer } from './telemetry-server.ts';

const withServer = async (
  checks: () => Promise<readonly HealthCheck[]>,
  use: (get: (path: string, init?: RequestInit) => Promise<Response>) => Promise<void>,
): Promise<void> => {
  const server = await startTelemetryServer({ port: 0, clock: systemClock, expose: () => 'up 1\n', checks });
  try {
    await use((path, init) => fetch(`http://127.0.0.1:${server.port}${path}`, init));
  } finally {
    await server.close();
  }
};

test('metrics are served as Prometheus reads them', () =>
  withServer(
    () => Promise.resolve([]),
    async (get) => {
      const response = await get('/metrics?x=1');
      assert.equal(response.status, 200);
      assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
      assert.equal(await response.text(), 'up 1\n');
    },
  ));

test('health is 200 while all checks pass and 503 with the reason when one fails or throws', async () => {
  const checks: HealthCheck[] = [{ name: 'store', ok: true }];
  await withServer(
    () => Promise.resolve(checks),
    async (get) => {
      assert.equal((await get('/health')).status, 200);
      checks.push({ name: 'bus', ok: false, detail: 'not connected' });
      const response = await get('/health');
      assert.equal(response.status, 503);
      assert.deepEqual(await response.json(), { ok: false, checks });
    },
  );
  await withServer(
    () => Promise.reject(new Error('check broke')),
    async (get) => {
      const response = await get('/health');
      assert.equal(response.status, 503);
      assert.match(await response.text(), /check broke/);
    },
  );
});

test('liveness is told whatever the checks say, and readiness has the names that are usual', () =>
  withServer(
    () => Promise.resolve([{ name: 'store', ok: false }]),
    async (get) => {
      assert.equal((await get('/livez')).status, 200);
      for (const path of ['/readyz', '/healthz', '/health']) assert.equal((await get(path)).status, 503, path);
    },
  ));

test('other paths and methods are told what is served', () =>
  withServer(
    () => Promise.resolve([]),
    async (get) => {
      assert.equal((await get('/')).status, 404);
      assert.equal((await get('/metrics', { method: 'POST' })).status, 405);
    },
  ));

test('a port in use is an error that names its code', async () => {
  const options = { clock: systemClock, expose: () => '', checks: () => Promise.resolve([]) };
  const first = await startTelemetryServer({ port: 0, ...options });
  await assert.rejects(startTelemetryServer({ port: first.port, ...options }), { code: 'EADDRINUSE' });
  await first.close();
});
