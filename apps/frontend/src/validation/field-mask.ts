import { invalidArgument } from '@duramesh/contracts';
import { messageType } from '@duramesh/proto';

const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());

type MessageType = ReturnType<typeof messageType>;
type Field = NonNullable<MessageType['fields'][string]>;

/** What the field holds, when it is one message. */
function messageOf(field: Field): MessageType | undefined {
  const { resolvedType } = field.resolve();
  return resolvedType && 'fields' in resolvedType && !field.repeated && !field.map ? resolvedType : undefined;
}

/** Not what every object has, such as `constructor`. */
const fieldOf = (type: MessageType | undefined, name: string): Field | undefined =>
  type && Object.hasOwn(type.fields, name) ? type.fields[name] : undefined;

/** Whether the path leads through messages, each once, to a field. */
function exists(path: string, typeName: string): boolean {
  let type: MessageType | undefined = messageType(typeName);
  for (const name of path.split('.')) {
    const field = /[A-Z]/.test(name) ? undefined : fieldOf(type, camelCase(name));
    if (!field) return false;
    type = messageOf(field);
  }
  return true;
}

/** Every path of a mask names a field of the message. */
export function requirePaths(
  paths: readonly string[] | undefined,
  typeName: string,
  refusal = 'error parsing UpdateMask',
): void {
  const unknown = paths?.find((path) => !exists(path, typeName));
  if (unknown === undefined) return;
  const text = `proto: invalid path ${JSON.stringify(unknown)} for message ${JSON.stringify(typeName)}`;
  throw invalidArgument(`${refusal}: ${text}`);
}
