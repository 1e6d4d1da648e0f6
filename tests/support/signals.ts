import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { statesOf } from './process-table.ts';
import { until } from './until.ts';

const STANDS_WITHIN_MS = 10_000;

/** Sends the signal, unless the process has ended by itself, and waits until it has. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** Stops processes. They go on for a moment after the signal, on a busy machine long enough to answer what is sent to them. */
export async function haltProcesses(...pids: readonly number[]): Promise<void> {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  const stand = (): boolean => {
    const states = statesOf(pids);
    return states.length === pids.length && states.every((state) => state.startsWith('T'));
  };
  await until(stand, { what: 'the processes stand still', withinMs: STANDS_WITHIN_MS });
}
