/** How often a member says that it lives, and looks after those it listens to. */
export const BEAT_MS = 1_000;
/** Three beats: a member that is silent for so long is doubted. */
export const DOUBT_MS = 3_000;
/** How long the others may take to say whether they hear a member that is doubted. */
export const CONFIRM_MS = 1_000;
/** A connection without a word of who is there is given up. */
export const HELLO_MS = 2_000;
/** How long a newcomer waits until those that are there have let it in, or will not answer. */
export const JOIN_MS = 1_000;
/** A tick that comes so much later than it should: this process stood still, and the silence is its own. */
export const STOOD_STILL_MS = 1_500;
/** Members that are asked whether they hear one that is doubted. */
export const ASKED = 3;
/** Links that others may have open to one member at once. */
export const MAX_CALLERS = 256;
