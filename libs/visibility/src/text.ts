const WORD = /[\p{L}\p{N}]+/gu;
const MARKS = /\p{M}+/gu;

/** The words of a Text attribute as every store indexes and searches them: letters and digits, case and accents aside. */
export function textTokens(text: string): readonly string[] {
  return text.normalize('NFD').replace(MARKS, '').toLowerCase().match(WORD) ?? [];
}

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/** Order of the UTF-8 bytes, which is the stores' order; JavaScript's own differs where surrogates meet U+E000 and above. */
export function compareKeywords(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a === b) continue;
    const swap = a >= 0xd800 && b >= 0xd800 && isSurrogate(a) !== isSurrogate(b);
    return swap ? b - a : a - b;
  }
  return left.length - right.length;
}
