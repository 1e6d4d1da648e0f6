import { messageType } from '@duramesh/proto';
import type { Dice } from '@duramesh/runtime';
import type { Enum, Field, Type } from 'protobufjs';
import { odd } from './odd.ts';
import type { Message, Vocabulary } from './vocabulary.ts';

/** How a request is to be. */
export interface Manner {
  /** How likely it is that a field is set which need not be. */
  readonly presence: number;
  /** How likely it is that a value is an odd one. */
  readonly oddity: number;
}

const MAX_DEPTH = 7;

/** Fields without which most requests say nothing. */
const USUAL = new Set(
  (
    'namespace workflowId workflowType activityType taskQueue name requestId signalName taskToken execution ' +
    'workflowExecution commands activityId id timerId markerName startToCloseTimeout startToFireTimeout identity query ' +
    'queryType queryName commandType startedEventId scheduledEventId meta input request updateId updateRef ' +
    'startToFireTimeout jobId reason scheduleId endpoint service operation searchAttributes rule spec ruleId ' +
    'updateMask activityOptions workflowExecutionOptions workflowExecutionRetentionPeriod trigger activityStart actions predicate typeUrl value body protocolInstanceId data metadata workflowTaskFinishEventId'
  ).split(' '),
);

const encoder = new TextEncoder();

type Make = (maker: MessageMaker, manner: Manner, depth: number) => Message;

/** Messages with a meaning that their fields alone do not tell. */
const special: Readonly<Record<string, Make>> = {
  '.google.protobuf.Duration': ({ dice }, { oddity }) =>
    dice.happens(oddity) ? odd.time(dice) : { seconds: dice.pick([0, 1, 2, 5, 30, 600, 86_400]), nanos: 0 },
  '.google.protobuf.Timestamp': ({ dice, nowMs }, { oddity }) =>
    dice.happens(oddity) ? odd.time(dice) : { seconds: Math.floor(nowMs() / 1000) + dice.between(-60, 60), nanos: 5e6 },
  '.google.protobuf.Any': (maker, manner, depth) => maker.any(manner, depth),
  '.temporal.api.common.v1.Payload': ({ dice }, { oddity }) => ({
    metadata: { encoding: encoder.encode(dice.happens(oddity) ? odd.text(dice) : 'json/plain') },
    data: dice.happens(oddity) ? odd.data(dice) : encoder.encode(dice.pick(JSONS)),
  }),
  '.temporal.api.command.v1.Command': (maker, manner, depth) => maker.command(manner, depth),
};

const JSONS = ['1', '"text"', 'null', '[]', '["a","b"]', 'true', '1.5', '{"a":{"b":1}}', '"2026-01-01T00:00:00Z"'];
/** What keeps a run going. */
const USUAL_COMMANDS = /^(scheduleActivityTask|startTimer|recordMarker|upsert|startChild|signalExternal|protocol)/;
const SANE_COMMANDS = /^(scheduleActivityTask|startTimer|recordMarker)/;
const BODIES = [
  'temporal.api.update.v1.Request',
  'temporal.api.update.v1.Acceptance',
  'temporal.api.update.v1.Rejection',
  'temporal.api.update.v1.Response',
  'temporal.api.common.v1.Payload',
];

/** Makes messages of any type from its description, with words of a vocabulary. */
export class MessageMaker {
  readonly dice: Dice;
  readonly nowMs: () => number;
  readonly #vocabulary: Vocabulary;

  constructor(dice: Dice, vocabulary: Vocabulary, nowMs: () => number) {
    this.dice = dice;
    this.nowMs = nowMs;
    this.#vocabulary = vocabulary;
  }

  /** Only what is to be set is there, as in a message a client builds. */
  message(type: Type, manner: Manner, depth = 0): Message {
    const make = special[type.fullName];
    if (make) return make(this, manner, depth);
    const message: Record<string, unknown> = {};
    for (const field of this.#chosen(type, manner, depth)) {
      const value = this.#value(type, field, { manner, depth });
      if (value !== undefined) message[field.name] = value;
    }
    return message;
  }

  /** At most one field of a oneof; usual ones unless the manner is odd. */
  #chosen(type: Type, { presence, oddity }: Manner, depth: number): readonly Field[] {
    const left = new Set<unknown>();
    for (const oneof of type.oneofsArray) {
      const chosen = this.dice.pick(oneof.fieldsArray);
      for (const field of oneof.fieldsArray) if (field !== chosen) left.add(field);
    }
    return type.fieldsArray.filter((field) => {
      field.resolve();
      if (left.has(field)) return false;
      const isDeep = depth >= MAX_DEPTH && field.resolvedType !== null && 'fieldsArray' in field.resolvedType;
      if (isDeep) return false;
      if (USUAL.has(field.name)) return !this.dice.happens(oddity / 2);
      return this.dice.happens(field.partOf && field.partOf.fieldsArray.length > 1 ? 0.9 : presence);
    });
  }

  #value(type: Type, field: Field, at: { readonly manner: Manner; readonly depth: number }): unknown {
    const { dice } = this;
    const one = (): unknown => this.#one(type, field, at);
    const count = dice.happens(at.manner.oddity / 10) ? dice.pick([0, 11, 33, 101]) : dice.between(1, 2);
    if (field.map) {
      const key = (): string => String(dice.happens(at.manner.oddity) ? odd.text(dice) : dice.pick(KEYS));
      return Object.fromEntries(Array.from({ length: count }, () => [key(), one()]));
    }
    if (field.repeated) return Array.from({ length: count }, one);
    return one();
  }

  #one(type: Type, field: Field, { manner, depth }: { readonly manner: Manner; readonly depth: number }): unknown {
    const { resolvedType } = field;
    if (resolvedType?.fullName === '.google.protobuf.FieldMask') return this.#mask(type, manner);
    if (resolvedType && 'fieldsArray' in resolvedType) return this.message(resolvedType, manner, depth + 1);
    const isOdd = this.dice.happens(manner.oddity);
    if (resolvedType) return isOdd ? odd.enumeration(this.dice) : this.dice.pick(numbersOf(resolvedType));
    return isOdd ? this.#oddScalar(type, field) : this.#scalar(type, field);
  }

  /** Paths into what stands beside the mask. */
  #mask(type: Type, { oddity }: Manner): Message {
    const { dice } = this;
    const beside = type.fieldsArray.flatMap(({ name, resolvedType }) =>
      resolvedType && 'fieldsArray' in resolvedType && /Options$|^config$/.test(name) ? resolvedType.fieldsArray : [],
    );
    const path = (): string => {
      if (beside.length === 0 || dice.happens(oddity)) return odd.text(dice);
      return snakeCase(dice.pick(beside).name);
    };
    return { paths: Array.from({ length: dice.between(1, 3) }, path) };
  }

  #scalar(type: Type, field: Field): unknown {
    const { dice } = this;
    switch (field.type) {
      case 'string':
        return this.#vocabulary.pick(dice, type, field) ?? dice.pick(WORDS);
      case 'bytes':
        return this.#vocabulary.pick(dice, type, field) ?? encoder.encode(dice.pick(WORDS));
      case 'bool':
        return dice.happens(0.5);
      case 'double':
      case 'float':
        return dice.pick([0, 1, 1.5, 2, 10]);
      default:
        return dice.pick([0, 1, 2, 3, 5, 8, 13]);
    }
  }

  #oddScalar(type: Type, field: Field): unknown {
    const { dice } = this;
    switch (field.type) {
      case 'string':
        return odd.text(dice);
      case 'bytes':
        return this.#oddBytes(type, field);
      case 'bool':
        return dice.happens(0.5);
      case 'double':
      case 'float':
        return odd.float(dice);
      case 'uint32':
      case 'fixed32':
        return odd.uint32(dice);
      case 'int64':
      case 'sint64':
      case 'sfixed64':
        return odd.int64(dice);
      default:
        return odd.int32(dice);
    }
  }

  /** Garbage, or a token that is cut off, changed, forged, or of something else. */
  #oddBytes(type: Type, field: Field): Uint8Array {
    const { dice } = this;
    if (!/[tT]oken$/.test(field.name)) return odd.bytes(dice);
    const token = this.#vocabulary.pick(dice, type, field) ?? this.#vocabulary.of('taskToken')?.at(-1);
    switch (dice.below(5)) {
      case 0:
        return odd.bytes(dice);
      case 1:
        return this.#forged();
      case 2: {
        const others = this.#vocabulary.of(dice.pick(['taskToken', 'nextPageToken']));
        const other = others?.length ? dice.pick(others) : '';
        return typeof other === 'string' ? encoder.encode(other) : other;
      }
      default:
        return token instanceof Uint8Array ? mutated(dice, token) : odd.bytes(dice);
    }
  }

  /** A well-formed token with contents that nobody was given. */
  #forged(): Uint8Array {
    const type = messageType(`duramesh.token.v1.${this.dice.pick(TOKENS)}`);
    return type.encode(this.message(type, { presence: 0.8, oddity: 0.3 })).finish();
  }

  any(manner: Manner, depth: number): Message {
    if (this.dice.happens(manner.oddity)) return { typeUrl: odd.text(this.dice), value: odd.bytes(this.dice) };
    const type = messageType(this.dice.pick(BODIES));
    const value = type.encode(this.message(type, manner, depth + 1)).finish();
    const typeName = this.dice.happens(manner.oddity) ? this.dice.pick(BODIES) : type.fullName.slice(1);
    // The field is `type_url` in JavaScript too.
    return { type_url: `type.googleapis.com/${typeName}`, value };
  }

  /** A command whose type mostly fits its attributes. */
  command(manner: Manner, depth: number): Message {
    const type = messageType('temporal.api.command.v1.Command');
    const attributes = type.fieldsArray.filter(({ name }) => name.endsWith('CommandAttributes'));
    const usual = attributes.filter(({ name }) => (manner.oddity === 0 ? SANE_COMMANDS : USUAL_COMMANDS).test(name));
    const field = this.dice.pick(this.dice.happens(0.8) ? usual : attributes);
    const name = snakeCase(field.name.replace(/CommandAttributes$/, ''));
    const { values } = messageType('temporal.api.command.v1.Command').lookupEnum('temporal.api.enums.v1.CommandType');
    const fitting = values[`COMMAND_TYPE_${name.toUpperCase()}`] ?? 0;
    const value = this.#one(type, field.resolve(), { manner, depth });
    const commandType = this.dice.happens(manner.oddity) ? odd.int32(this.dice) : fitting;
    return this.dice.happens(manner.oddity) ? { commandType } : { commandType, [field.name]: value };
  }
}

const TOKENS = ['WorkflowTaskToken', 'ActivityTaskToken', 'QueryTaskToken', 'HistoryPageToken'];
const WORDS = ['a', 'b', 'word', 'another word', 'w-1', '1'];
const KEYS = ['CustomKeyword', 'CustomInt', 'CustomDatetime', 'BuildIds', 'a', 'key'];

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const numbersOf = ({ values }: Enum): number[] => Object.values(values);

/** Bytes with a few of them changed, cut off, inserted or taken from elsewhere. */
export function mutated(dice: Dice, bytes: Uint8Array): Uint8Array {
  let result = [...bytes];
  for (let i = dice.between(1, 3); i > 0; i--) {
    const at = dice.below(result.length + 1);
    switch (dice.below(5)) {
      case 0:
        result = result.slice(0, at);
        break;
      case 1:
        result.splice(at, 0, dice.below(256));
        break;
      case 2:
        result.splice(at, dice.between(1, 4));
        break;
      case 3:
        result.splice(at, 0, ...result.slice(0, dice.below(20)));
        break;
      default:
        if (result.length > 0) result[Math.min(at, result.length - 1)] = dice.below(256);
    }
  }
  return Uint8Array.from(result);
}
