/** What may go wrong with single messages on a memory bus. Simulation decides; what is left out does not happen. */
export interface MemoryBusFaults {
  /** The request is lost on its way: nothing is executed, the caller waits until `timeout`. */
  dropRequest?(subject: string): boolean;
  /** The answer is lost on its way: the request was executed, the caller waits until `timeout`. */
  dropReply?(subject: string): boolean;
  /** The request arrives twice; both are executed, the first answer counts. */
  duplicateRequest?(subject: string): boolean;
  /** Milliseconds a request is on its way. Later requests may overtake it. */
  requestDelayMs?(subject: string): number;
  /** Milliseconds an answer is on its way. */
  replyDelayMs?(subject: string): number;
}
