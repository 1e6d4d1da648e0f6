import type { Client, HistoryContract } from '@duramesh/contracts';
import { eventName } from '@duramesh/engine';
import { type Plain, publicCodec, RecordWorkflowTaskStartedRequest, type temporal } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import { decodeBatch } from '../read/history-reader.ts';
import { type HistoryWorld, NAMESPACE } from './history-world.ts';

type Command = Plain<temporal.api.command.v1.ICommand>;
type PollResponse = Plain<temporal.api.workflowservice.v1.IPollWorkflowTaskQueueResponse>;
const pollResponse = publicCodec<PollResponse>('temporal.api.workflowservice.v1.PollWorkflowTaskQueueResponse');

const PATIENCE_MS = 60_000;

/** A worker that the test plays, workflow task by workflow task. */
export class HandWorker {
  readonly #world: HistoryWorld;
  #taken = 0;

  constructor(world: HistoryWorld) {
    this.#world = world;
  }

  /** Takes the next workflow task of the workflow once matching has it, and answers with these commands. */
  async answer(workflowId: string, commands: readonly Command[] = []): Promise<void> {
    const token = await this.#take(workflowId);
    const request = { taskToken: token, identity: 'worker', commands };
    await this.#do((client) => client.respondWorkflowTaskCompleted({ namespace: NAMESPACE, workflowId, request }));
  }

  async #take(workflowId: string): Promise<Uint8Array> {
    const { handedOver, clock } = this.#world;
    const untilMs = clock.now() + PATIENCE_MS;
    while (clock.now() < untilMs) {
      const next = handedOver.findIndex(({ task }) => task?.workflowId === workflowId);
      const task = next < 0 ? undefined : handedOver.splice(next, 1)[0]?.task;
      if (task) {
        const { runId, scheduledEventId, attempt, stamp } = task;
        this.#taken += 1;
        const requestId = `take-${this.#taken}`;
        const taskQueue = { name: 'queue', kind: 1 };
        const which = { workflowId, runId, scheduledEventId, attempt, stamp, requestId, identity: 'worker', taskQueue };
        const reply = await this.#do((client) =>
          client.recordWorkflowTaskStarted(RecordWorkflowTaskStartedRequest.create({ namespace: NAMESPACE, ...which })),
        );
        if (reply.pollResponse.length > 0) return must(pollResponse.decode(reply.pollResponse).taskToken, 'a token');
      } else await clock.advance(100);
    }
    throw new Error(`no workflow task of ${workflowId} came`);
  }

  #do<T>(call: (client: Client<HistoryContract>) => Promise<T>): Promise<T> {
    return this.#world.do(call(this.#world.client));
  }

  /** Names of the events of the workflow's runs, one run after the other. */
  history(workflowId: string): readonly string[] {
    const rows = [...this.#world.database.runs.values()].filter(({ key }) => key.workflowId === workflowId);
    const events = rows.flatMap(({ history }) => history.flatMap(({ data }) => decodeBatch(data)));
    return events.map(({ eventType }) => eventName(eventType) ?? 'unknown');
  }

  /** Waits until the workflow's history has such an event. */
  async sees(workflowId: string, event: string): Promise<void> {
    const { clock } = this.#world;
    const untilMs = clock.now() + PATIENCE_MS;
    while (!this.history(workflowId).includes(event)) {
      if (clock.now() > untilMs)
        throw new Error(`${workflowId} has no ${event}: ${this.history(workflowId).join(' ')}`);
      await clock.advance(100);
    }
  }
}
