import type { Dice } from '@duramesh/runtime';
import type { Field, Type } from 'protobufjs';

export type Word = string | Uint8Array;
export type Message = Readonly<Record<string, unknown>>;

/** Words of one kind that are remembered; the oldest are forgotten. */
const KEPT = 40;
const MAX_LENGTH = 2000;
const MAX_DEPTH = 6;

const activityIds = ['a-1', 'a-2', 'a-3', 'a-4', 'a-5', 'a-6'];
const ofActivity = ['PauseActivity', 'UnpauseActivity', 'ResetActivity', 'UpdateActivityOptions'];

/** What is known before anybody has answered anything. */
export const words: Readonly<Record<string, readonly Word[]>> = {
  namespace: [...Array.from({ length: 18 }, () => 'default'), 'unknown', 'other', 'default', 'default'],
  workflowId: ['w-1', 'w-2', 'w-3', 'w-4', 'w-5', 'w-6', 'w-7', 'w-8'],
  'WorkflowExecution.runId': ['', '', '', '', '', '', '', ''],
  runId: ['', '', ''],
  'WorkflowType.name': ['type'],
  'ActivityType.name': ['effect'],
  'TaskQueue.name': ['queue', 'queue', 'queue', 'sticky'],
  normalName: ['queue'],
  activityId: activityIds,
  ...Object.fromEntries(ofActivity.map((rpc) => [`${rpc}.id`, activityIds])),
  ...Object.fromEntries(ofActivity.map((rpc) => [`${rpc}.type`, ['effect']])),
  timerId: ['t-1', 't-2', 't-3', 't-4', 't-5'],
  signalName: ['go'],
  updateId: ['u-1', 'u-2'],
  query: ['', "WorkflowId = 'w-1'", "ExecutionStatus = 'Running'", 'CustomInt > 1 GROUP BY ExecutionStatus'],
  predicate: ["ActivityType = 'effect'", 'ActivityAttempt > 1', "ActivityId starts_with 'a-' AND BackoffInterval < 5"],
  ruleId: ['r-1', 'r-2'],
  'WorkflowRuleSpec.id': ['r-1', 'r-2', 'r-3'],
  visibilityQuery: ['', "WorkflowType = 'type'"],
  cronSchedule: ['* * * * *', '@every 5s', ''],
};

/** A request and its response share the words they exchange: both go by the name of the RPC. */
const subject = (type: Type): string => type.name.replace(/(Request|Response)$/, '');

/** Names of ids, tokens and the like: what an answer tells so that it can be asked for again. */
const isTelling = ({ name }: Field): boolean => /(^i|I)d$|[tT]oken$|^name$|^identity$/.test(name);

/** Whose token it is that an answer gives back. */
const kindred = (type: Type, { name }: Field): string => {
  if (name !== 'taskToken') return name;
  return /ActivityTask/.test(type.name) ? 'PollActivityTaskQueue.taskToken' : 'PollWorkflowTaskQueue.taskToken';
};

/**
 * The words a client has heard: known from the start, and collected from answers. They are kept by the place they stood
 * at, `WorkflowType.name`, and by their field alone, `name`.
 */
export class Vocabulary {
  readonly #words = new Map<string, Word[]>();

  constructor(words: Readonly<Record<string, readonly Word[]>>) {
    for (const [place, known] of Object.entries(words)) this.#words.set(place, [...known]);
  }

  /** A word that fits the field, mostly one that was heard lately; undefined when there is none. */
  pick(dice: Dice, type: Type, field: Field): Word | undefined {
    const words = this.of(`${subject(type)}.${field.name}`) ?? this.of(kindred(type, field)) ?? this.of(field.name);
    if (!words?.length) return undefined;
    return dice.happens(0.6) ? dice.pick(words.slice(-2)) : dice.pick(words);
  }

  of(place: string): readonly Word[] | undefined {
    return this.#words.get(place);
  }

  learn(place: string, word: Word): void {
    const words = this.#words.get(place) ?? [];
    if (words.length === 0) this.#words.set(place, words);
    if (typeof word === 'string' && words.includes(word)) return;
    words.push(word);
    // The first ones are those that were given: they are kept.
    if (words.length > KEPT) words.splice(words.length - KEPT / 2, 1);
  }

  /** Collects the telling words of a message. */
  hear(type: Type, message: Message, depth = 0): void {
    if (depth > MAX_DEPTH) return;
    for (const field of type.fieldsArray) {
      const value = message[field.name];
      if (value === undefined || value === null || field.map) continue;
      const values: readonly unknown[] = Array.isArray(value) ? value.slice(-8) : [value];
      for (const one of values) this.#hearOne(type, field, { value: one, depth });
    }
  }

  #hearOne(type: Type, field: Field, { value, depth }: { readonly value: unknown; readonly depth: number }): void {
    const { resolvedType } = field.resolve();
    if (resolvedType && 'fieldsArray' in resolvedType) {
      if (typeof value === 'object') this.hear(resolvedType, value as Message, depth + 1);
      return;
    }
    const isWord = typeof value === 'string' || value instanceof Uint8Array;
    if (!isWord || value.length === 0 || value.length > MAX_LENGTH || !isTelling(field)) return;
    this.learn(`${subject(type)}.${field.name}`, value);
    if (field.name !== 'name') this.learn(field.name, value);
  }
}
