import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the range from which systems give ports to outgoing connections. */
const LOWEST = 20_000;
const HIGHEST = 30_000;
const ATTEMPTS = 200;

/**
 * Between choosing a port and listening on it lies the start of a server, and other test files choose at the same time. So
 * whoever takes a port first takes the UDP port so far above it, which no server of a test wants, and keeps it until its
 * process ends: a lock for the whole machine that nobody has to release.
 */
const LOCK_OFFSET = 20_000;

async function claim(port: number): Promise<Socket | undefined> {
  const socket = createSocket('udp4');
  try {
    socket.bind({ port: port + LOCK_OFFSET, address: '127.0.0.1', exclusive: true });
    await once(socket, 'listening');
    return socket.unref();
  } catch {
    socket.close();
    return undefined;
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    probe.listen(port, '127.0.0.1');
    await once(probe, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    await new Promise((resolve) => probe.close(resolve));
  }
}

/** @returns whether all are ours now; none is when one is another's, or something listens there */
async function takeAll(ports: readonly number[]): Promise<boolean> {
  const claims = await Promise.all(ports.map(claim));
  const areOurs = claims.every((socket) => socket !== undefined);
  if (areOurs && (await Promise.all(ports.map(isFree))).every(Boolean)) return true;
  for (const socket of claims) socket?.close();
  return false;
}

/** @returns a port P such that P + each offset is free on the loopback address, and chosen by no other test on the machine */
export async function freePortBlock(offsets: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await takeAll(offsets.map((offset) => port + offset))) return port;
  }
  throw new Error(`no free block of ports between ${LOWEST} and ${HIGHEST}`);
}
