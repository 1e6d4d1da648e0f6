import type { RpcName } from '@duramesh/frontend';
import { root } from '@duramesh/proto';
import type { Dice } from '@duramesh/runtime';
import type { Type } from 'protobufjs';
import { type Manner, MessageMaker, mutated } from './message-maker.ts';
import type { Message, Vocabulary } from './vocabulary.ts';

const SERVICES = ['temporal.api.workflowservice.v1.WorkflowService', 'temporal.api.operatorservice.v1.OperatorService'];

export interface Rpc {
  readonly name: RpcName;
  readonly path: string;
  readonly request: Type;
  readonly response: Type;
}

/** Every public RPC, from the description of the services: what is built later is asked as well. */
export const rpcs: readonly Rpc[] = SERVICES.flatMap((service) => {
  const found = root.lookupService(service);
  return found.methodsArray.map((method) => ({
    // The name of a method of these services is what the type was made from.
    name: method.name as RpcName,
    path: `/${service}/${method.name}`,
    request: found.parent?.lookupType(method.requestType) ?? root.lookupType(method.requestType),
    response: found.parent?.lookupType(method.responseType) ?? root.lookupType(method.responseType),
  }));
});

/** What makes runs come to life and move on; without it most requests would meet nothing. */
const LIVELY: readonly RpcName[] = [
  'StartWorkflowExecution',
  'SignalWithStartWorkflowExecution',
  'SignalWorkflowExecution',
  'PollWorkflowTaskQueue',
  'PollWorkflowTaskQueue',
  'RespondWorkflowTaskCompleted',
  'PollActivityTaskQueue',
  'PollActivityTaskQueue',
  'PauseActivity',
  'UnpauseActivity',
  'ResetActivity',
  'UpdateActivityOptions',
  'UpdateWorkflowExecutionOptions',
  'PauseWorkflowExecution',
  'UnpauseWorkflowExecution',
  'UnpauseWorkflowExecution',
  'GetWorkflowExecutionHistory',
  'QueryWorkflow',
  'UpdateWorkflowExecution',
  'UpdateWorkflowExecution',
  'ResetWorkflowExecution',
];
const lively = LIVELY.flatMap((name) => rpcs.filter((rpc) => rpc.name === name));

/** They end the life of a whole namespace: not of the one where everything happens. */
const ENDS_NAMESPACE: ReadonlySet<RpcName> = new Set<RpcName>(['DeprecateNamespace', 'DeleteNamespace']);

/** What a worker says to a task it was given. */
const REPLIES: { readonly [N in RpcName]?: readonly RpcName[] } = {
  PollWorkflowTaskQueue: [
    'RespondWorkflowTaskCompleted',
    'RespondWorkflowTaskCompleted',
    'RespondWorkflowTaskCompleted',
    'RespondWorkflowTaskCompleted',
    'RespondWorkflowTaskFailed',
    'RespondQueryTaskCompleted',
  ],
  PollActivityTaskQueue: [
    'RespondActivityTaskCompleted',
    'RespondActivityTaskFailed',
    'RespondActivityTaskCanceled',
    'RecordActivityTaskHeartbeat',
  ],
  PollNexusTaskQueue: ['RespondNexusTaskCompleted', 'RespondNexusTaskFailed'],
};

const PRESENCE = [0, 0, 0.03, 0.1, 0.3, 0.7];
const ODDITY = [0, 0, 0, 0.02, 0.1, 0.4];
const SANE: Manner = { presence: 0, oddity: 0 };
const RAW = 0.06;

/** A request as it is sent: a message, or bytes that may be none. */
export type Drawn =
  | { readonly rpc: Rpc; readonly message: Message }
  | { readonly rpc: Rpc; readonly message: undefined; readonly bytes: Uint8Array };

/** Draws requests from almost valid to wild. */
export class Requests {
  readonly #dice: Dice;
  readonly #maker: MessageMaker;

  constructor(dice: Dice, vocabulary: Vocabulary, nowMs: () => number) {
    this.#dice = dice;
    this.#maker = new MessageMaker(dice, vocabulary, nowMs);
  }

  draw(): Drawn {
    return this.#draw(this.#dice.pick(this.#dice.happens(0.6) ? lively : rpcs), {}, this.#manner());
  }

  /** What the holder of a task says next; undefined when there is no task in the answer, or it says nothing. */
  replyTo({ name }: Rpc, answer: Message): Drawn | undefined {
    const dice = this.#dice;
    const { taskToken } = answer;
    const replies = REPLIES[name];
    if (!replies || !(taskToken instanceof Uint8Array) || taskToken.length === 0 || dice.happens(0.1)) return undefined;
    const reply = dice.pick(replies);
    const rpc = rpcs.find((candidate) => candidate.name === reply);
    // Half of the time as a worker would, so that runs get somewhere.
    return rpc && this.#draw(rpc, { taskToken, namespace: 'default' }, dice.happens(0.5) ? SANE : this.#manner());
  }

  #manner(): Manner {
    return { presence: this.#dice.pick(PRESENCE), oddity: this.#dice.pick(ODDITY) };
  }

  #draw(rpc: Rpc, given: Message, manner: Manner): Drawn {
    const dice = this.#dice;
    const message = this.#spared(rpc, { ...this.#maker.message(rpc.request, manner), ...given });
    if (!dice.happens(RAW)) return { rpc, message };
    const bytes = this.rawBody(rpc, message);
    const decoded = decode(rpc.request, bytes);
    return decoded ? { rpc, message: this.#spared(rpc, decoded) } : { rpc, message: undefined, bytes };
  }

  /** Bytes that may or may not be a request. */
  rawBody({ request }: Rpc, message: Message): Uint8Array {
    const dice = this.#dice;
    if (dice.happens(0.1)) return Uint8Array.from({ length: dice.below(200) }, () => dice.below(256));
    if (dice.happens(0.1)) return nested(dice);
    return mutated(dice, request.encode(message).finish().subarray(0, 5_000));
  }

  #spared({ name }: Rpc, message: Message): Message {
    return ENDS_NAMESPACE.has(name) && message['namespace'] === 'default'
      ? { ...message, namespace: 'other' }
      : message;
  }
}

function decode(type: Type, bytes: Uint8Array): Message | undefined {
  try {
    // Encoded again on its way: what cannot be read twice is no message either.
    return type.decode(type.encode(type.decode(bytes)).finish()) as unknown as Message;
  } catch {
    return undefined;
  }
}

/** A field within itself, deeper than any message is. */
function nested(dice: Dice): Uint8Array {
  const tag = (dice.between(1, 15) << 3) | 2;
  let size = 0;
  const heads: number[][] = [];
  for (let depth = dice.pick([10, 90, 101, 500, 8_000]); depth > 0; depth--) {
    const head = [tag, ...varint(size)];
    heads.push(head);
    size += head.length;
  }
  return Uint8Array.from(heads.toReversed().flat());
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}
