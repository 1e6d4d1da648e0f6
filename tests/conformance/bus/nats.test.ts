import { after, before } from 'node:test';
import { type NatsServer, startNatsServer } from '../../support/nats-server.ts';
import { busSuite } from './bus-suite.ts';
import { openNatsPair } from './nats-pair.ts';

let broker: NatsServer;

before(async () => {
  broker = await startNatsServer();
});
after(() => broker.stop());

busSuite(() => openNatsPair([broker.url]));
