import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range from which systems give ports to outgoing connections. */
const LOWEST = 20_000;
const HIGHEST = 30_000;
const ATTEMPTS = 100;

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}

/** @returns a port P such that P + each offset is free on the loopback address at this moment */
export async function freePortBlock(offsets: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    const answers = await Promise.all(offsets.map((offset) => isFree(port + offset)));
    if (answers.every(Boolean)) return port;
  }
  throw new Error(`no free block of ports between ${LOWEST} and ${HIGHEST}`);
}
