import type { Answer } from './session.ts';

/** What has to be known, and locked, before a group of writes can be decided: the statements of one packet. */
export class Questions {
  readonly #statements: string[] = [];
  readonly #takers: ((answer: Answer) => void)[] = [];

  /** @param take gets the rows of each of the statements */
  ask(statements: readonly string[], take: (answer: Answer) => void): void {
    for (const statement of statements) {
      this.#statements.push(statement);
      this.#takers.push(take);
    }
  }

  get statements(): readonly string[] {
    return this.#statements;
  }

  answer(answers: readonly Answer[]): void {
    for (const [i, take] of this.#takers.entries()) take(answers[i] ?? []);
  }
}
