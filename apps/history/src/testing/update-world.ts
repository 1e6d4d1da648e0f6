import type { UpdateWorkflowResponse } from '@duramesh/contracts';
import { type Plain, publicCodec, StartVerdict, type temporal, type UpdateWithStartReply } from '@duramesh/proto';
import { must } from '@duramesh/runtime';
import { decodeBatch } from '../read/history-reader.ts';
import { HistoryWorld, NAMESPACE } from './history-world.ts';

type Task = Plain<temporal.api.workflowservice.v1.IPollWorkflowTaskQueueResponse>;
type Message = Plain<temporal.api.protocol.v1.IMessage>;
type Answer = Plain<temporal.api.workflowservice.v1.IRespondWorkflowTaskCompletedResponse>;
type CompletedRequest = Plain<temporal.api.workflowservice.v1.IRespondWorkflowTaskCompletedRequest>;

const pollResponse = publicCodec<Task>('temporal.api.workflowservice.v1.PollWorkflowTaskQueueResponse');
const answerCodec = publicCodec<Answer>('temporal.api.workflowservice.v1.RespondWorkflowTaskCompletedResponse');
export const STAGE = { admitted: 1, accepted: 2, completed: 3 } as const;

function message(updateId: string, kind: 'Acceptance' | 'Rejection' | 'Response', body: object): Message {
  const typeName = `temporal.api.update.v1.${kind}`;
  const value = publicCodec(typeName).encode(body);
  const any = { type_url: `type.googleapis.com/${typeName}`, value };
  return { id: `${updateId}/${kind}`, protocolInstanceId: updateId, body: any };
}
export const accept = (updateId: string): Message =>
  message(updateId, 'Acceptance', {
    acceptedRequestMessageId: `${updateId}/request`,
    acceptedRequestSequencingEventId: 1,
  });
export const reject = (updateId: string): Message => message(updateId, 'Rejection', { failure: { message: 'no' } });
export const respond = (updateId: string): Message =>
  message(updateId, 'Response', { meta: { updateId }, outcome: { success: { payloads: [] } } });

const asked = (
  updateId: string,
  stage: number,
): Plain<temporal.api.workflowservice.v1.IUpdateWorkflowExecutionRequest> => ({
  workflowExecution: { workflowId: 'wf' },
  waitPolicy: { lifecycleStage: stage },
  request: { meta: { updateId }, input: { name: 'set' } },
});

/** A history service with one workflow that is sent updates, and a worker. */
export class UpdateWorld extends HistoryWorld {
  /** A workflow whose first workflow task is done. */
  static async idle(more: { readonly cachedRuns?: number } = {}): Promise<UpdateWorld> {
    const world = new UpdateWorld();
    await world.start('history-0', more);
    await world.startWorkflow();
    await world.answer(await world.take(), []);
    return world;
  }

  send(
    updateId: string,
    { waitMs = 20_000, watchId = '', stage = STAGE.completed as number } = {},
  ): Promise<UpdateWorkflowResponse> {
    const request = asked(updateId, stage);
    return this.client.updateWorkflow({ namespace: NAMESPACE, request, waitMs, watchId });
  }

  poll(updateId: string, { waitMs = 0, stage = 0 } = {}): Promise<UpdateWorkflowResponse> {
    const updateRef = { workflowExecution: { workflowId: 'wf' }, updateId };
    const request = { updateRef, waitPolicy: { lifecycleStage: stage } };
    return this.do(this.client.pollWorkflowUpdate({ namespace: NAMESPACE, request, waitMs, watchId: '' }));
  }

  startWith(
    updateId: string,
    more: Plain<temporal.api.workflowservice.v1.IStartWorkflowExecutionRequest> = {},
  ): Promise<UpdateWithStartReply> {
    const start = {
      workflowId: 'wf',
      requestId: 'start with update',
      workflowType: { name: 'type' },
      taskQueue: { name: 'queue' },
      workflowTaskTimeout: { seconds: 10 },
      workflowIdConflictPolicy: 1,
      ...more,
    };
    const update = asked(updateId, STAGE.completed);
    return this.do(
      this.client.updateWithStart({ namespace: NAMESPACE, start, update, watchId: `watch of ${updateId}` }),
    );
  }

  /** A worker takes the task that was handed over last. */
  async take(): Promise<Task> {
    const { queue, task } = must(this.handedOver.at(-1), 'a task was handed over');
    const { workflowId = '', runId = '', scheduledEventId = 0, attempt = 0, stamp = 0 } = task ?? {};
    const { verdict, pollResponse: encoded } = await this.do(
      this.client.recordWorkflowTaskStarted({
        namespace: NAMESPACE,
        workflowId,
        runId,
        scheduledEventId,
        attempt,
        stamp,
        requestId: `take ${this.handedOver.length}`,
        identity: 'worker',
        taskQueue: { name: queue?.name, kind: queue?.kind },
      }),
    );
    return verdict === StartVerdict.START_VERDICT_STARTED ? pollResponse.decode(encoded) : {};
  }

  async answer({ taskToken }: Task, messages: readonly Message[], more: CompletedRequest = {}): Promise<Answer> {
    const request = { taskToken, messages, ...more };
    const { response } = await this.do(
      this.client.respondWorkflowTaskCompleted({ namespace: NAMESPACE, workflowId: 'wf', request }),
    );
    return answerCodec.decode(response);
  }

  /** Types of the stored events, run after run. */
  get stored(): readonly number[] {
    const runs = [...this.database.runs.values()];
    return runs.flatMap(({ history }) => history.flatMap(({ data }) => decodeBatch(data).map((e) => e.eventType ?? 0)));
  }
}
