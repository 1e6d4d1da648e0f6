import { inspect } from 'node:util';
import { GrpcCode } from '@duramesh/contracts';
import { Dice, seededRandom } from '@duramesh/runtime';
import { checkStored } from '@duramesh/simulator';
import { isDue } from './answers.ts';
import { type Answer, type Call, FuzzWorld } from './fuzz-world.ts';
import { type Drawn, Requests } from './requests.ts';
import { type Message, Vocabulary, words } from './vocabulary.ts';

export interface FuzzReport {
  readonly seed: number;
  readonly asked: number;
  /** Bytes that were no message of their type: the gRPC layer answers them. */
  readonly undecodable: number;
  readonly runs: number;
  readonly violations: readonly string[];
  /** `StartWorkflowExecution OK` → how often. */
  readonly answers: ReadonlyMap<string, number>;
}

export interface FuzzOptions {
  readonly seed: number;
  readonly requests: number;
}

/** What is stored is looked at so often: a later request may cover up what an earlier one has broken. */
const STEPS_PER_LOOK = 8;
const MAX_VIOLATIONS = 20;
const codeName = (code: Answer['code']): string =>
  Object.entries(GrpcCode).find(([, number]) => number === code)?.[0] ?? String(code);

/** Plays one seed: requests to a world, time that passes, crashes; then everything stored is looked at. */
export async function playSeed({ seed, requests }: FuzzOptions): Promise<FuzzReport> {
  const fuzz = new Fuzz(seed);
  await fuzz.world.start();
  await fuzz.ask(requests);
  await fuzz.check();
  return fuzz.report();
}

class Fuzz {
  readonly world: FuzzWorld;
  readonly #seed: number;
  readonly #dice: Dice;
  readonly #vocabulary = new Vocabulary(words);
  readonly #requests: Requests;
  readonly #violations: string[] = [];
  readonly #answers = new Map<string, number>();
  readonly #open = new Set<Promise<void>>();
  #isOver = false;
  #asked = 0;
  #undecodable = 0;
  #runs = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#dice = new Dice(seededRandom(seed));
    this.world = new FuzzWorld(seed, seed % 2 === 0);
    this.#requests = new Requests(this.#dice, this.#vocabulary, () => this.world.clock.now());
  }

  async ask(requests: number): Promise<void> {
    const { clock } = this.world;
    for (let step = 1; this.#asked + this.#undecodable < requests; step++) {
      for (let burst = this.#dice.between(1, 12); burst > 0; burst--) this.#askOne(this.#requests.draw());
      await clock.advance(this.#dice.pick([0, 0, 0, 1, 5, 50, 300, 2_000]));
      if (this.#dice.happens(0.004)) await clock.advance(this.#dice.pick([20_000, 90_000]));
      this.#noteLogged();
      if (step % STEPS_PER_LOOK === 0) this.#lookAtRuns();
      if (this.#dice.happens(0.002)) await this.world.restart();
    }
    await this.#answersOfAll();
  }

  /** Every run can be read by a server that has never seen it, and is what its history says. */
  async check(): Promise<void> {
    const { database, clock } = this.world;
    this.#runs = database.runs.size;
    this.#lookAtRuns();
    await this.world.restart();
    for (const { key } of database.runs.values()) {
      const namespace = database.namespaces.get(key.namespaceId)?.name;
      if (namespace === undefined) continue;
      const execution = { workflowId: key.workflowId, runId: key.runId };
      for (const name of ['DescribeWorkflowExecution', 'GetWorkflowExecutionHistory'] as const) {
        const asked = this.world.ask(name, { namespace, execution }, { timeoutMs: 10_000, headers: {} });
        const answer = await clock.runUntil(asked);
        if (answer.code !== 0) this.#violation(`${name} of a stored run: ${codeName(answer.code)} ${answer.message}`);
      }
    }
    this.#noteLogged();
    this.world.stop();
  }

  #lookAtRuns(): void {
    for (const text of checkStored(this.world.database)) this.#violation(`stored: ${text}`);
  }

  report(): FuzzReport {
    return {
      seed: this.#seed,
      asked: this.#asked,
      undecodable: this.#undecodable,
      runs: this.#runs,
      violations: this.#violations,
      answers: this.#answers,
    };
  }

  /** A worker takes its time, in which others may come. */
  #askLater(drawn: Drawn): void {
    this.world.clock.schedule(this.#dice.pick([0, 1, 100, 1_000, 4_000]), () => {
      if (!this.#isOver) this.#askOne(drawn);
    });
  }

  #askOne(drawn: Drawn): void {
    const { rpc, message } = drawn;
    if (message === undefined) {
      this.#undecodable += 1;
      return;
    }
    this.#asked += 1;
    const call = {
      timeoutMs: this.#dice.pick([1_000, 3_000, 10_000, 10_000, 70_000]),
      leavesAfterMs: this.#dice.happens(0.05) ? this.#dice.below(500) : undefined,
      headers: this.#dice.happens(0.04) ? this.#headers() : {},
    };
    const asking = this.world.ask(rpc.name, message, call).then((answer) => this.#answered(drawn, call, answer));
    this.#open.add(asking);
    void asking.finally(() => this.#open.delete(asking));
  }

  #headers(): Readonly<Record<string, string>> {
    const pick = (texts: readonly string[]): string => this.#dice.pick(texts);
    return {
      'client-name': pick(['', 'temporal-go', 'temporal-cli', 'unknown', 'constructor']),
      'client-version': pick(['', '1.0.0', 'v1.2.3', '1.x', '99999999999.0.0']),
      'supported-server-versions': pick(['', '>=1.0.0 <2.0.0', '>9.0.0', '<<', '*']),
      'supported-features': pick(['', 'follows-next-run-id', ',,']),
      traceparent: pick(['', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 'x']),
    };
  }

  #answered({ rpc, message }: Drawn, call: Call, answer: Answer): void {
    const name = `${rpc.name} ${codeName(answer.code)}`;
    this.#answers.set(name, (this.#answers.get(name) ?? 0) + 1);
    if ('response' in answer) {
      const response = answer.response as Message;
      this.#vocabulary.hear(rpc.response, response);
      const reply = this.#requests.replyTo(rpc, response);
      if (reply) this.#askLater(reply);
      return;
    }
    if (answer.code === 'lost' || isDue(rpc.name, answer)) return;
    if (answer.code === GrpcCode.CANCELLED && call.leavesAfterMs !== undefined) return;
    const request = inspect(message, { depth: 9, maxStringLength: 60, maxArrayLength: 6, breakLength: 160 });
    this.#violation(`${name}: ${answer.message}\n${request.slice(0, 3_000)}`);
  }

  async #answersOfAll(): Promise<void> {
    this.#isOver = true;
    while (this.#open.size > 0) await this.world.clock.runUntil(Promise.all(this.#open));
    this.#noteLogged();
  }

  #noteLogged(): void {
    for (const line of this.world.logged.splice(0)) this.#violation(`logged: ${line.slice(0, 1_500)}`);
  }

  #violation(text: string): void {
    const [kind] = text.split('\n');
    const isKnown = this.#violations.some((known) => known.split('\n')[0] === kind);
    if (!isKnown && this.#violations.length < MAX_VIOLATIONS) this.#violations.push(text);
  }
}
