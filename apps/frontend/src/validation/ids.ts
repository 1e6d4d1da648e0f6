/** Whether a text is longer than `limit` bytes of UTF-8; short texts are not measured. */
export const exceedsBytes = (text: string, limit: number): boolean =>
  text.length > limit || (text.length * 3 > limit && Buffer.byteLength(text) > limit);
