import type { Plain, temporal } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import { type Refusal, refusal } from '../refusal.ts';
import { cancelTimer } from './cancel-timer.ts';
import { cancelWorkflow } from './cancel-workflow.ts';
import { completeWorkflow } from './complete-workflow.ts';
import { continueAsNew } from './continue-as-new.ts';
import { failWorkflow } from './fail-workflow.ts';
import { modifyWorkflowProperties } from './modify-workflow-properties.ts';
import { protocolMessage } from './protocol-message.ts';
import { recordMarker } from './record-marker.ts';
import { requestCancelActivity } from './request-cancel-activity.ts';
import { requestCancelExternalWorkflow } from './request-cancel-external-workflow.ts';
import { scheduleActivity } from './schedule-activity.ts';
import { signalExternalWorkflow } from './signal-external-workflow.ts';
import { startChildWorkflow } from './start-child-workflow.ts';
import { startTimer } from './start-timer.ts';
import { upsertSearchAttributes } from './upsert-search-attributes.ts';
import type { CommandFailure, WorkerCommand, WorkerCommandContext } from './worker-command.ts';

type Command = Plain<temporal.api.command.v1.ICommand>;

/** Every command of the API by name. @see temporal.api.enums.v1.CommandType */
const COMMAND_TYPES = {
  ScheduleActivityTask: 1,
  RequestCancelActivityTask: 2,
  StartTimer: 3,
  CompleteWorkflowExecution: 4,
  FailWorkflowExecution: 5,
  CancelTimer: 6,
  CancelWorkflowExecution: 7,
  RequestCancelExternalWorkflowExecution: 8,
  RecordMarker: 9,
  ContinueAsNewWorkflowExecution: 10,
  StartChildWorkflowExecution: 11,
  SignalExternalWorkflowExecution: 12,
  UpsertWorkflowSearchAttributes: 13,
  ProtocolMessage: 14,
  ModifyWorkflowProperties: 16,
  ScheduleNexusOperation: 17,
  RequestCancelNexusOperation: 18,
} as const;
type Name = keyof typeof COMMAND_TYPES;

interface Entry {
  readonly name: Name;
  /** Nothing may follow it. */
  readonly closes: boolean;
  /** undefined for commands that this server does not carry out. */
  readonly apply:
    | ((draft: Draft, command: Command, context: WorkerCommandContext) => CommandFailure | undefined)
    | undefined;
}

const CLOSING: ReadonlySet<Name> = new Set<Name>([
  'CompleteWorkflowExecution',
  'FailWorkflowExecution',
  'CancelWorkflowExecution',
  'ContinueAsNewWorkflowExecution',
]);

const entry = <Attributes>(
  name: Name,
  attributesOf: (command: Command) => Attributes | undefined,
  apply: WorkerCommand<Attributes>,
): Entry => ({
  name,
  closes: CLOSING.has(name),
  apply: (draft, command, context) => apply(draft, attributesOf(command), context),
});

const notCarriedOut = (name: Name): Entry => ({ name, closes: false, apply: undefined });

/** One line per command. Forgetting one does not compile. */
const entries: { readonly [N in Name]: Entry } = {
  ScheduleActivityTask: entry('ScheduleActivityTask', (c) => c.scheduleActivityTaskCommandAttributes, scheduleActivity),
  RequestCancelActivityTask: entry(
    'RequestCancelActivityTask',
    (c) => c.requestCancelActivityTaskCommandAttributes,
    requestCancelActivity,
  ),
  StartTimer: entry('StartTimer', (c) => c.startTimerCommandAttributes, startTimer),
  CancelTimer: entry('CancelTimer', (c) => c.cancelTimerCommandAttributes, cancelTimer),
  CompleteWorkflowExecution: entry(
    'CompleteWorkflowExecution',
    (c) => c.completeWorkflowExecutionCommandAttributes,
    completeWorkflow,
  ),
  FailWorkflowExecution: entry('FailWorkflowExecution', (c) => c.failWorkflowExecutionCommandAttributes, failWorkflow),
  CancelWorkflowExecution: entry(
    'CancelWorkflowExecution',
    (c) => c.cancelWorkflowExecutionCommandAttributes,
    cancelWorkflow,
  ),
  ContinueAsNewWorkflowExecution: entry(
    'ContinueAsNewWorkflowExecution',
    (c) => c.continueAsNewWorkflowExecutionCommandAttributes,
    continueAsNew,
  ),
  RecordMarker: entry('RecordMarker', (c) => c.recordMarkerCommandAttributes, recordMarker),
  UpsertWorkflowSearchAttributes: entry(
    'UpsertWorkflowSearchAttributes',
    (c) => c.upsertWorkflowSearchAttributesCommandAttributes,
    upsertSearchAttributes,
  ),
  ModifyWorkflowProperties: entry(
    'ModifyWorkflowProperties',
    (c) => c.modifyWorkflowPropertiesCommandAttributes,
    modifyWorkflowProperties,
  ),
  ProtocolMessage: entry('ProtocolMessage', (c) => c.protocolMessageCommandAttributes, protocolMessage),
  StartChildWorkflowExecution: entry(
    'StartChildWorkflowExecution',
    (c) => c.startChildWorkflowExecutionCommandAttributes,
    startChildWorkflow,
  ),
  RequestCancelExternalWorkflowExecution: entry(
    'RequestCancelExternalWorkflowExecution',
    (c) => c.requestCancelExternalWorkflowExecutionCommandAttributes,
    requestCancelExternalWorkflow,
  ),
  SignalExternalWorkflowExecution: entry(
    'SignalExternalWorkflowExecution',
    (c) => c.signalExternalWorkflowExecutionCommandAttributes,
    signalExternalWorkflow,
  ),
  ScheduleNexusOperation: notCarriedOut('ScheduleNexusOperation'),
  RequestCancelNexusOperation: notCarriedOut('RequestCancelNexusOperation'),
};

/** Whatever a worker may ask, by its number in the API. */
export const WORKER_COMMANDS: ReadonlyMap<number, string> = new Map(
  Object.values(entries).flatMap(({ name, apply }) => (apply ? [[COMMAND_TYPES[name], name]] : [])),
);

const byType = new Map<number, Entry>(Object.values(entries).map((one) => [COMMAND_TYPES[one.name], one]));

/** Carries out one command; `sequenceRefusal` has passed it. */
export function applyCommand(
  draft: Draft,
  command: Command,
  context: WorkerCommandContext,
): CommandFailure | undefined {
  return byType.get(command.commandType ?? 0)?.apply?.(draft, command, context);
}

/** Commands that cannot even be tried: the call is refused and the workflow task stays as it is. @see spec-history 2.5 */
export function sequenceRefusal(commands: readonly Command[]): Refusal | undefined {
  for (const [index, { commandType = 0 }] of commands.entries()) {
    const known = byType.get(commandType);
    if (!known)
      return refusal('InvalidArgument', `unknown command type: ${commandType === 0 ? 'Unspecified' : commandType}`);
    if (!known.apply) return refusal('Unimplemented', `command ${known.name} is not supported by this server`);
    if (known.closes && index < commands.length - 1) {
      const names = commands.map((command) => byType.get(command.commandType ?? 0)?.name ?? 'Unspecified').join(', ');
      const text = `invalid command sequence: [${names}], command ${known.name} must be the last command.`;
      return refusal('InvalidArgument', text);
    }
  }
  return undefined;
}

/** Whether the commands end the run in a way that can be followed by another run. */
export const mayContinueRun = (commands: readonly Command[]): boolean => {
  switch (commands.at(-1)?.commandType) {
    case COMMAND_TYPES.CompleteWorkflowExecution:
    case COMMAND_TYPES.FailWorkflowExecution:
    case COMMAND_TYPES.ContinueAsNewWorkflowExecution:
      return true;
    default:
      return false;
  }
};
