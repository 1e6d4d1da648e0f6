import type { Plain, temporal } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import type { ReplyOf } from './commands.ts';
import { HistoryScenario } from './history-scenario.fixture.ts';
import type { Refusal } from './refusal.ts';
import { storedInfo } from './stored.ts';
import { acceptance, rejection, response, updateRequest } from './update-steps.fixture.ts';
import type { ProtocolMessage } from './update-messages.ts';
import type { UpdateNews } from './updates.ts';

type CompletedRequest = Plain<temporal.api.workflowservice.v1.IRespondWorkflowTaskCompletedRequest>;

/** One run that is sent updates, and a worker that answers them. */
export class UpdateScenario extends HistoryScenario {
  /** A run whose first workflow task is done. */
  static idle(...request: ConstructorParameters<typeof HistoryScenario>): UpdateScenario {
    const run = new UpdateScenario(...request);
    run.begin().answer();
    return run;
  }

  send(updateId: string): ReplyOf<'AdmitUpdate'> {
    return this.do('AdmitUpdate', { request: updateRequest(updateId), firstExecutionRunId: '' });
  }

  /** Why an update is not taken. */
  refusalOf(updateId: string): Refusal {
    return this.refusal('AdmitUpdate', { request: updateRequest(updateId), firstExecutionRunId: '' });
  }

  /** The worker says of updates what it has to say. */
  says(messages: readonly ProtocolMessage[], more: CompletedRequest = {}): ReturnType<HistoryScenario['answer']> {
    return this.answer([], { messages, ...more });
  }

  accepts = (updateId: string): readonly ProtocolMessage[] => [acceptance(updateId)];
  rejects = (updateId: string): readonly ProtocolMessage[] => [rejection(updateId)];
  completes = (updateId: string): readonly ProtocolMessage[] => [response(updateId)];
  does = (updateId: string): readonly ProtocolMessage[] => [acceptance(updateId), response(updateId)];

  /** Ids of the updates that a worker gets with the task that it takes now. */
  delivered(): readonly string[] {
    const task = must(this.state.info.workflowTask, 'there must be a workflow task');
    const { scheduledEventId, attempt, stamp, sticky, taskQueue } = task;
    const polled = { polledQueue: taskQueue, polledSticky: sticky };
    const requestId = this.freshId();
    const command = { scheduledEventId, attempt, stamp, requestId, identity: 'worker', ...polled };
    const { messages } = this.do('StartWorkflowTask', command);
    return messages.map(({ id = '', eventId = 0 }) => `${id} after ${eventId}`);
  }

  /** The last that the callers of an update were told. */
  told(updateId: string): UpdateNews['news'] | undefined {
    return this.updateNews.findLast((news) => news.updateId === updateId)?.news;
  }

  /** What they were told, in a word, and with the text if there is one. */
  toldShort(updateId: string): string | undefined {
    const news = this.told(updateId);
    if (news?.kind === 'aborted') return `${news.refusal.code}: ${news.refusal.message}`;
    if (news?.kind !== 'completed') return news?.kind;
    return `completed: ${news.outcome.failure?.applicationFailureInfo?.type ?? news.outcome.failure?.message ?? 'well'}`;
  }

  /** The owner of the run is lost, and with it what was in its memory only. */
  lose(): void {
    this.state = { ...this.state, info: storedInfo(this.state.info), waitingUpdates: new Map() };
  }
}
