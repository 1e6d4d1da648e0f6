import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBus } from '@duramesh/bus';
import type { ServiceName } from '@duramesh/config';
import { MemoryDatabase, noFaults, openMemoryStore } from '@duramesh/persistence/memory';
import { ServiceView } from '@duramesh/proto';
import { silentLogger } from '@duramesh/telemetry';
import { VirtualClock } from '@duramesh/testkit';
import { Readiness } from './readiness.ts';
import type { RunningService } from './services.ts';

/** A process with a history that last heard of the members when `heardMs` says. */
class Process {
  readonly clock = new VirtualClock();
  readonly running = new Map<ServiceName, RunningService>();
  isStoreDown = false;
  storeLatencyMs = 0;
  isConnected = true;
  heardMs = this.clock.now();
  readonly readiness: Readiness;

  constructor() {
    const faults = { ...noFaults, isDown: () => this.isStoreDown, latencyMs: () => this.storeLatencyMs };
    const store = openMemoryStore({ clock: this.clock, database: new MemoryDatabase(), faults });
    const memory = new MemoryBus({ clock: this.clock, logger: silentLogger });
    const bus = { status: () => ({ ...memory.status(), connected: this.isConnected }) };
    this.readiness = new Readiness({ store, bus, clock: this.clock, services: ['history'], running: this.running });
    this.serve();
  }

  serve(): void {
    const view = (): ServiceView => ServiceView.create({ service: 'history', membersAtMs: this.heardMs });
    const service = { name: 'history', port: 1, address: '', stop: () => Promise.resolve(), view } as const;
    this.running.set('history', service);
  }

  /** What keeps it from serving, by name. */
  async failing(): Promise<readonly string[]> {
    const checks = this.readiness.checks();
    await this.clock.advance(3_000);
    return (await checks).filter(({ ok }) => !ok).map(({ name }) => name);
  }
}

test('a process is ready when its store answers, its bus is connected and its services know who lives', async () => {
  const process = new Process();
  assert.deepEqual(await process.failing(), []);
});

test('a store that refuses, or that does not answer in time, makes a process not ready until it is back', async () => {
  const process = new Process();
  process.isStoreDown = true;
  assert.deepEqual(await process.failing(), ['store']);
  process.isStoreDown = false;
  process.storeLatencyMs = 60_000;
  assert.deepEqual(await process.failing(), ['store']);
  process.storeLatencyMs = 0;
  process.heardMs = process.clock.now();
  assert.deepEqual(await process.failing(), []);
});

test('a process without its broker is not ready', async () => {
  const process = new Process();
  process.isConnected = false;
  assert.deepEqual(await process.failing(), ['bus']);
});

test('a service that has not heard for long who lives is not ready: others may own what it has', async () => {
  const process = new Process();
  await process.clock.advance(14_000);
  assert.deepEqual(await process.failing(), []);
  assert.deepEqual(await process.failing(), ['history']);
});

test('a service that stops is not ready', async () => {
  const process = new Process();
  process.running.delete('history');
  assert.deepEqual(await process.failing(), ['history']);
});

test('whoever asks often does not ask the store more often than once a second', async () => {
  const process = new Process();
  const first = process.readiness.storeAnswer();
  assert.equal(process.readiness.storeAnswer(), first);
  await process.clock.advance(1_500);
  assert.notEqual(process.readiness.storeAnswer(), first);
});
