/** How often workers do what they need not do. */
export interface Manners {
  /** An activity is spoken of by its id instead of its token. */
  readonly byId: number;
  /** An activity is given to somebody else, who answers it later. */
  readonly handOn: number;
  /** A workflow's history is let go, and the server told so. */
  readonly evict: number;
  /** The worker says goodbye, and another one takes its place. */
  readonly leave: number;
}

/** As workers were before they could do more. */
export const PLAIN: Manners = { byId: 0, handOn: 0, evict: 0, leave: 0 };
export const RICH: Manners = { byId: 0.25, handOn: 0.15, evict: 0.03, leave: 0.02 };
