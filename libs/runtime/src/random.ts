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

/** UUIDv4s drawn from `random`, for simulation and tests. */
export function randomIds(random: Random): Ids {
  return {
    uuid() {
      const bytes = Array.from({ length: 16 }, () => Math.floor(random.next() * 256));
      bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
      bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
      const text = bytes.map((byte) => hex[byte]).join('');
      return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join('-');
    },
  };
}
