import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { type Dice, must } from '@duramesh/runtime';
import { until } from '../../support/until.ts';
import type { Kind, Operation } from '../record/operation.ts';
import type { Recorder } from '../record/recorder.ts';
import { operations } from './operations.ts';
import { Sdk } from './sdk.ts';

export interface LoadOptions {
  readonly address: string;
  readonly recorder: Recorder;
  readonly dice: Dice;
  /** Clients that do one thing after the other. */
  readonly lanes?: number;
  /** Workflow ids that are in use at a time. */
  readonly ids?: number;
  /** The longest pause between two operations of a client. */
  readonly thinkMs?: number;
  /** How long a client waits for an operation, with all its repetitions. */
  readonly patienceMs?: number;
}

/** An id is given up for a new one after so many operations, so that the search for an order stays small. */
const OPERATIONS_OF_AN_ID = 60;
const STOPPED_WITHIN_MS = 120_000;

/** How often each is drawn, once the id is in use. */
const weights: Readonly<Record<Kind, number>> = {
  start: 6,
  signal: 28,
  'signal-with-start': 12,
  update: 16,
  'update-with-activity': 10,
  finish: 4,
  query: 12,
  cancel: 1,
  terminate: 2,
  describe: 5,
  result: 2,
  list: 3,
};
const bag: readonly Kind[] = (Object.keys(weights) as Kind[]).flatMap((kind) =>
  Array.from({ length: weights[kind] }, () => kind),
);

/** One workflow id in use. */
interface Slot {
  workflowId: string;
  asked: number;
  /** Of a run that was finished. */
  finishedRunId: string;
}

/** Clients that do to workflows what clients do, drawn by dice, and workers that run them. */
export class Load {
  readonly taskQueue: string;
  readonly #options: Required<LoadOptions>;
  readonly #sdk: Sdk;
  readonly #slots: Slot[];
  readonly #ids = new Set<string>();
  readonly #stopped = new AbortController();
  #values = 0;
  #lanes: Promise<unknown> = Promise.resolve();

  private constructor(options: Required<LoadOptions>, { sdk, taskQueue }: { sdk: Sdk; taskQueue: string }) {
    this.taskQueue = taskQueue;
    this.#options = options;
    this.#sdk = sdk;
    this.#slots = Array.from({ length: options.ids }, (_, at) => this.#slot(at));
  }

  static async open(options: LoadOptions): Promise<Load> {
    const all = { lanes: 8, ids: 12, thinkMs: 150, patienceMs: 15_000, ...options };
    const taskQueue = `chaos-${randomUUID()}`;
    const sdk = await Sdk.open(all.address, { taskQueue, recorder: all.recorder });
    return new Load(all, { sdk, taskQueue });
  }

  /** All ids there have been. */
  get workflowIds(): readonly string[] {
    return [...this.#ids];
  }

  get client(): Client {
    return must(this.#sdk.clients[0], 'there is no client');
  }

  begin(): void {
    this.#lanes = Promise.all(Array.from({ length: this.#options.lanes }, (_, lane) => this.#live(lane)));
  }

  /** Resolves when so many more operations went well. */
  async acknowledged(count: number, withinMs: number): Promise<void> {
    const { seen } = this.#options.recorder;
    const isOk = ({ outcome }: Operation): boolean => outcome === 'ok';
    const wanted = seen.operations.filter(isOk).length + count;
    const isThere = (): boolean => seen.operations.filter(isOk).length >= wanted;
    await until(isThere, { what: `${count} more operations are acknowledged`, withinMs });
  }

  /** A workflow that nobody has heard of is started, changed and finished, again and again until it works. */
  async newWorkflow(withinMs: number): Promise<void> {
    const { recorder } = this.#options;
    const completes = async (): Promise<boolean> => {
      const workflowId = this.#newId('new');
      for (const kind of ['start', 'update-with-activity', 'finish'] as const) {
        if ((await this.#perform(kind, { workflowId, patienceMs: 3_000 })).outcome !== 'ok') return false;
      }
      return true;
    };
    recorder.write({ note: 'a new workflow is tried' });
    await until(completes, { what: 'a new workflow completes', withinMs });
  }

  /** Lets clients end what they have begun, and begin nothing more. */
  async end(): Promise<void> {
    this.#stopped.abort();
    await this.#lanes;
    await until(() => this.#options.recorder.open === 0, { what: 'clients stop', withinMs: STOPPED_WITHIN_MS });
  }

  /** What every id looks like once nobody changes it any more. */
  async lookAtAll(): Promise<void> {
    for (const workflowId of this.#ids) {
      for (const kind of ['describe', 'query', 'list'] as const) await this.#perform(kind, { workflowId });
    }
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#lanes;
    await this.#sdk.close();
  }

  async #live(lane: number): Promise<void> {
    const { dice, thinkMs } = this.#options;
    const client = this.#sdk.clients[lane % this.#sdk.clients.length];
    while (!this.#stopped.signal.aborted) {
      const at = dice.below(this.#slots.length);
      const slot = must(this.#slots[at], 'there is no such slot');
      if (slot.asked >= OPERATIONS_OF_AN_ID) this.#slots[at] = this.#slot(at);
      const { workflowId, finishedRunId: runId } = slot;
      const kind = slot.asked === 0 ? 'start' : dice.pick(bag);
      slot.asked += 1;
      if (kind === 'result' && runId === '') continue;
      const done = await this.#perform(kind, { workflowId, ...(client && { client }), runId });
      if (kind === 'finish' && done.answer?.runId !== undefined) slot.finishedRunId = done.answer.runId;
      await pause(dice.below(thinkMs), undefined, { signal: this.#stopped.signal }).catch(() => undefined);
    }
  }

  async #perform(
    kind: Kind,
    { workflowId, client = this.client, runId = '', patienceMs = this.#options.patienceMs }: PerformOptions,
  ): Promise<Operation> {
    const value = `v${(this.#values += 1)}`;
    const subject = { client, taskQueue: this.taskQueue, workflowId, value, runId };
    const asked = { kind, workflowId, value, ...(kind === 'result' && { runId }) };
    return this.#options.recorder.record(asked, () =>
      client.withDeadline(Date.now() + patienceMs, () => operations[kind](subject)),
    );
  }

  #slot(at: number): Slot {
    return { workflowId: this.#newId(String(at)), asked: 0, finishedRunId: '' };
  }

  #newId(name: string): string {
    const workflowId = `${this.taskQueue}/${name}-${this.#ids.size}`;
    this.#ids.add(workflowId);
    return workflowId;
  }
}

interface PerformOptions {
  readonly workflowId: string;
  readonly client?: Client;
  readonly runId?: string;
  readonly patienceMs?: number;
}
