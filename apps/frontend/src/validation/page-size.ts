/** What is not given, or is too much, is the most there may be. */
export const pageSize = (asked: number | undefined, maximum: number): number =>
  asked && asked > 0 && asked <= maximum ? asked : maximum;
