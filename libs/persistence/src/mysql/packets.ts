/** Groups statements into packets of at most `maxChars`; one that is longer goes alone, for the server to refuse. */
export function packetsOf(statements: readonly string[], maxChars: number): string[][] {
  const packets: string[][] = [];
  let packet: string[] = [];
  let chars = 0;
  for (const statement of statements) {
    if (packet.length > 0 && chars + statement.length > maxChars) {
      packets.push(packet);
      packet = [];
      chars = 0;
    }
    packet.push(statement);
    chars += statement.length + 1;
  }
  if (packet.length > 0) packets.push(packet);
  return packets;
}
