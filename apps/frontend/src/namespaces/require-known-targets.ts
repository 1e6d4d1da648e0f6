import { namespaceNotFound } from '@duramesh/contracts';
import type { Plain, temporal } from '@duramesh/proto';
import type { NamespaceRegistry } from './namespace-registry.ts';

type Command = Plain<temporal.api.command.v1.ICommand>;

/** The namespace that a command names for what it is about, if it names one. */
const targetOf = (command: Command): string | undefined =>
  command.startChildWorkflowExecutionCommandAttributes?.namespace ??
  command.requestCancelExternalWorkflowExecutionCommandAttributes?.namespace ??
  command.signalExternalWorkflowExecutionCommandAttributes?.namespace;

/**
 * Whether the workflow may act in another namespace is for history to say; that there is none is said here.
 * @throws ServiceError NOT_FOUND when a command names a namespace that there is not; the workflow task stays started
 */
export async function requireKnownTargets(registry: NamespaceRegistry, commands: readonly Command[]): Promise<void> {
  for (const command of commands) {
    const name = targetOf(command);
    if (name && !(await registry.byName(name))) throw namespaceNotFound(name);
  }
}
