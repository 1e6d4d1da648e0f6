import { MemoryBus, MemoryNetwork } from '@duramesh/bus';
import { systemClock } from '@duramesh/runtime/system';
import { busSuite } from './bus-suite.ts';

busSuite(() => {
  const clock = systemClock;
  const network = new MemoryNetwork({ clock });
  const client = new MemoryBus({ clock, network });
  const server = new MemoryBus({ clock, network });
  const close = async (): Promise<void> => void (await Promise.all([client.close(), server.close()]));
  return Promise.resolve({ client, server, close });
});
