/** An address as it stands before `:port`. */
export const hostOf = (ip: string): string => (ip.includes(':') ? `[${ip}]` : ip);
