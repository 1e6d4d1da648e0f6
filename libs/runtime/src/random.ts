/** Chance as a dependency: the system's in production, seeded in simulation. */
export interface Random {
  /** In [0, 1). */
  next(): number;
}

/** Seeded generator (mulberry32) for simulation and tests. */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) | 0;
      let t = Math.imul(state ^ (state >>> 15), 1 | state);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    },
  };
}

/** Fresh identifiers as a dependency. */
export interface Ids {
  /** A UUIDv4. */
  uuid(): string;
}

const hex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Bytes of a UUID that stand behind a dash. */
const DASHED = new Set([4, 6, 8, 10]);

/** UUIDv4s drawn from `random`, for simulation and tests. */
export function randomIds(random: Random): Ids {
  return {
    uuid() {
      let text = '';
      for (let at = 0; at < 16; at++) {
        const drawn = Math.floor(random.next() * 256);
        const byte = at === 6 ? (drawn & 0x0f) | 0x40 : at === 8 ? (drawn & 0x3f) | 0x80 : drawn;
        text += DASHED.has(at) ? `-${hex[byte]}` : hex[byte];
      }
      return text;
    },
  };
}
