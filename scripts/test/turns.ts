/** Takes a line, or several. */
export type Tell = (text: string) => void;

/** What is going on at the same time, told one after the other: the lines of each stay together. */
export class Turns {
  readonly #write: Tell;
  #before: Promise<unknown> = Promise.resolve();

  constructor(write: Tell) {
    this.#write = write;
  }

  /** Begins `work` at once. What it tells is written as it comes once all that began before has ended, and kept until then. */
  async begin<T>(work: (tell: Tell) => Promise<T>): Promise<T> {
    const kept: string[] = [];
    let isOurs = false;
    const doing = work((text) => (isOurs ? this.#write(text) : void kept.push(text)));
    const before = this.#before;
    this.#before = Promise.allSettled([before, doing]);
    await before;
    isOurs = true;
    for (const text of kept) this.#write(text);
    return doing;
  }
}
