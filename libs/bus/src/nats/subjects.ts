/** Large payloads and long waits have a connection, and so subjects, of their own. */
export type Lane = 'control' | 'bulk';
export const lanes = ['control', 'bulk'] as const;

const BULK = 'bulk.';
const INBOX = '_INBOX.';
const LANE_TOKEN = { control: '.c.', bulk: '.b.' } as const;

/** Where requests to `subject` go on this lane; filters likewise. */
export const wireSubject = (subject: string, lane: Lane): string => (lane === 'bulk' ? BULK + subject : subject);

export const subjectOfWire = (wire: string): string => (wire.startsWith(BULK) ? wire.slice(BULK.length) : wire);

/**
 * Where answers to one bus come in on this lane: followed by the number of what is answered. Brokers allow each role
 * its own inboxes.
 */
export const inboxPrefix = (role: string, busId: string, lane: Lane): string =>
  `${INBOX}${role}.${busId}${LANE_TOKEN[lane]}`;

export const isInbox = (subject: string): boolean => subject.startsWith(INBOX);

export const inboxSubject = (prefix: string, number: number): string => prefix + number.toString(36);

export const numberOfInbox = (subject: string): number => parseInt(subject.slice(subject.lastIndexOf('.') + 1), 36);

/** Numbers of requests begin above it: what comes there answers none. */
export const NOTICES = 0;

/** Where the bus behind an inbox is told what answers nothing; undefined when it is no inbox of a bus. */
export function noticesOf(inbox: string): string | undefined {
  const laneAt = inbox.lastIndexOf('.') - 2;
  const lane = inbox.slice(laneAt, laneAt + 3);
  if (!isInbox(inbox) || (lane !== LANE_TOKEN.control && lane !== LANE_TOKEN.bulk)) return undefined;
  return inboxSubject(inbox.slice(0, laneAt) + LANE_TOKEN.control, NOTICES);
}

/** What all attempts of a call have in common: the inbox of the first one, as if it were on the control lane. */
export function callOf(inbox: string, firstNumber: number): string {
  if (firstNumber === 0 && inbox.includes(LANE_TOKEN.control)) return inbox;
  const number = firstNumber === 0 ? numberOfInbox(inbox) : firstNumber;
  return inboxSubject((noticesOf(inbox) ?? `${inbox} `).slice(0, -1), number);
}

/** The inbox of the same bus and number on the bulk lane. */
export function bulkInbox(inbox: string): string {
  const numberAt = inbox.lastIndexOf('.');
  const isControl = isInbox(inbox) && inbox.slice(numberAt - 2, numberAt + 1) === LANE_TOKEN.control;
  return isControl ? inbox.slice(0, numberAt - 2) + LANE_TOKEN.bulk + inbox.slice(numberAt + 1) : inbox;
}
