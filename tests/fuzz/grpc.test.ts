import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';
import { GrpcCode } from '@duramesh/contracts';
import { Dice, seededRandom } from '@duramesh/runtime';
import { isServing } from '../support/grpc-health.ts';
import { startServer } from '../support/server-process.ts';
import { isDue } from './answers.ts';
import { type Drawn, Requests, type Rpc, rpcs } from './requests.ts';
import { type Message, Vocabulary, words } from './vocabulary.ts';
import { sendGarbage, sendStrangeCall, type WireAnswer, WireClient } from './wire.ts';

const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const REQUESTS = 3_000;
const AT_ONCE = 48;
const PATIENCE_MS = 10_000;

const rpcNamed = (name: string): Rpc => {
  const rpc = rpcs.find((candidate) => candidate.name === name);
  assert.ok(rpc, name);
  return rpc;
};

/** Requests over the wire, a share of them bytes that are no message. */
class WireFuzz {
  readonly broken: string[] = [];
  readonly #dice = new Dice(seededRandom(SEED));
  readonly #vocabulary = new Vocabulary(words);
  readonly #requests = new Requests(this.#dice, this.#vocabulary, () => Date.now());
  readonly #client: WireClient;

  constructor(client: WireClient) {
    this.#client = client;
  }

  async ask(count: number): Promise<void> {
    const lane = async (): Promise<void> => {
      for (let i = 0; i < count / AT_ONCE; i++) await this.#askOne(this.#requests.draw());
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }

  async #askOne(drawn: Drawn): Promise<void> {
    const { rpc } = drawn;
    const body = drawn.message ? this.#body(rpc, drawn.message) : drawn.bytes;
    const answer = await this.#patiently(rpc, body);
    if (answer.code === GrpcCode.OK) {
      const response = rpc.response.decode(answer.bytes) as unknown as Message;
      this.#vocabulary.hear(rpc.response, response);
      const reply = this.#requests.replyTo(rpc, response);
      if (reply) await this.#askOne(reply);
      return;
    }
    if (isDue(rpc.name, answer)) return;
    this.broken.push(
      `${rpc.name}: ${answer.code} ${answer.message}: ${Buffer.from(body).toString('hex').slice(0, 400)}`,
    );
  }

  /** A busy machine may be late with an answer: only one that does not come at all is amiss. */
  async #patiently(rpc: Rpc, body: Uint8Array): Promise<WireAnswer> {
    const answer = await this.#client.ask(rpc.path, body, this.#dice.pick([1_500, 3_000]));
    const isLate = answer.code === GrpcCode.DEADLINE_EXCEEDED && !isDue(rpc.name, answer);
    return isLate ? this.#client.ask(rpc.path, body, PATIENCE_MS) : answer;
  }

  #body(rpc: Rpc, message: Message): Uint8Array {
    const isRaw = this.#dice.happens(0.2);
    return isRaw ? this.#requests.rawBody(rpc, message) : rpc.request.encode(message).finish();
  }
}

/** Every run there is, page by page, read as a person would. */
async function readAll(client: WireClient): Promise<{ readonly runs: number; readonly broken: readonly string[] }> {
  const broken: string[] = [];
  const ask = async (name: string, request: Message): Promise<Message> => {
    const rpc = rpcNamed(name);
    const answer = await client.ask(rpc.path, rpc.request.encode(request).finish(), PATIENCE_MS);
    if (answer.code !== GrpcCode.OK) broken.push(`${name}: ${answer.code} ${answer.message}`);
    return rpc.response.decode(answer.bytes) as unknown as Message;
  };
  const { executions } = await ask('ListWorkflowExecutions', { namespace: 'default' });
  const infos = executions as readonly { readonly execution: Message }[];
  for (const { execution } of infos) {
    await ask('DescribeWorkflowExecution', { namespace: 'default', execution });
    await ask('GetWorkflowExecutionHistory', { namespace: 'default', execution });
  }
  return { runs: infos.length, broken };
}

test(`a server answers ${REQUESTS} calls of garbage as the caller's error, and reads every run after a kill`, async (t) => {
  t.diagnostic(`FUZZ_SEED=${SEED}`);
  await using server = await startServer({ flags: ['--log-level', 'warn'] });
  const client = new WireClient(server.address);
  const pid = server.processes[0]?.pid;
  const fuzz = new WireFuzz(client);
  await fuzz.ask(REQUESTS);
  assert.deepEqual(fuzz.broken, []);
  assert.equal(server.processes[0]?.pid, pid, 'it is still the same process');
  const errors = server.log.split('\n').filter((line) => line.includes('"level":"error"'));
  assert.deepEqual(errors, []);
  await server.crash();
  const { runs, broken } = await readAll(client);
  client.close();
  assert.deepEqual(broken, []);
  assert.ok(runs > 5, `${runs} runs were started`);
});

test('a port that is sent noise and broken HTTP/2 goes on serving who speaks gRPC', async (t) => {
  t.diagnostic(`FUZZ_SEED=${SEED}`);
  const dice = new Dice(seededRandom(SEED));
  await using server = await startServer({ flags: ['--log-level', 'warn'] });
  const port = Number(server.address.split(':')[1]);
  const pid = server.processes[0]?.pid;
  for (let i = 0; i < 400; i++) {
    await Promise.all([sendGarbage(dice, port), sendStrangeCall(dice, port)]);
    assert.ok(await isServing(server.address), `after ${i} connections`);
  }
  assert.equal(server.processes[0]?.pid, pid);
});
