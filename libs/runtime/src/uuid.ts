const UUID = /^(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32})$/i;

export const isUuid = (text: string): boolean => UUID.test(text);

const VERSION_AT = 14;
const TAIL_AT = 24;
const TAIL_LIMIT = 2 ** 48;

/**
 * The UUID that belongs to the n-th thing of what `uuid` names: the same again whenever it is asked for. Those of two
 * random UUIDs do not meet, and none is one that was drawn (its version is 8, made by a rule of our own).
 */
export function derivedUuid(uuid: string, n: number): string {
  const tail = (Number.parseInt(uuid.slice(TAIL_AT), 16) + n) % TAIL_LIMIT;
  const head = `${uuid.slice(0, VERSION_AT)}8${uuid.slice(VERSION_AT + 1, TAIL_AT)}`;
  return head + tail.toString(16).padStart(12, '0');
}
