/**
 * The version of everything that processes of one cluster say to each other: calls, frames on the bus, membership
 * hellos. What an older process may leave unread (a new field, method, or value with a default) does not raise it; a
 * change of meaning does, in two releases: the first accepts the new version (`newest`), the next one speaks it
 * (`spoken`), so that any two neighbouring releases understand each other during a rolling upgrade.
 */
export const CONTRACT_VERSION = {
  /** What this process writes. */
  spoken: 1,
  /** What it reads. */
  oldest: 1,
  newest: 1,
} as const;

/** Whether a message of this version can be read here. */
export const isContractSpokenHere = (version: number): boolean =>
  version >= CONTRACT_VERSION.oldest && version <= CONTRACT_VERSION.newest;
