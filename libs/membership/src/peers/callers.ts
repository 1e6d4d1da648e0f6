import { PeerFrame, type PeerHello, type PeerQuestion } from '@duramesh/proto';
import type { Clock } from '@duramesh/runtime';
import { objectionTo } from './introduction.ts';
import { HELLO_MS, MAX_CALLERS } from './pace.ts';
import type { LinkEvents, PeerLink } from './peer-transport.ts';
import type { Refusals } from './refusals.ts';

export interface CallersDeps {
  readonly hello: PeerHello;
  readonly clock: Clock;
  readonly refusals: Refusals;
  /** Somebody was let in. */
  readonly onCaller: (hello: PeerHello) => void;
  readonly onLeave: (hello: PeerHello) => void;
  /** Whether that member has been heard just now. */
  readonly hasHeard: (memberId: string) => boolean;
}

/** Those that listen to this member: lets them in or not, and answers their beats. */
export class Callers {
  readonly #deps: CallersDeps;
  readonly #links = new Set<PeerLink>();

  constructor(deps: CallersDeps) {
    this.#deps = deps;
  }

  accept(link: PeerLink): LinkEvents {
    const { clock, refusals } = this.#deps;
    if (this.#links.size >= MAX_CALLERS) {
      refusals.note('crowded', 'refused a caller: there are too many already', { remote: link.remote });
      link.close();
      return { onFrame: () => undefined, onEnd: () => undefined };
    }
    this.#links.add(link);
    let caller: PeerHello | undefined;
    const tooLate = clock.schedule(HELLO_MS, () => {
      refusals.note('silent', 'closed a connection that said nothing', { remote: link.remote });
      this.#drop(link);
    });
    return {
      onFrame: (frame) => {
        if (caller !== undefined) return this.#onFrame(link, caller, frame);
        tooLate.cancel();
        caller = frame.hello;
        this.#onHello(link, frame);
      },
      onEnd: (end) => {
        tooLate.cancel();
        this.#links.delete(link);
        if (end !== 'closed')
          refusals.note(end, 'ended a connection', { why: endings[end] ?? end, remote: link.remote });
      },
    };
  }

  /** Tells all of them that this member has gone. */
  leave(): void {
    for (const link of this.#links) link.send(PeerFrame.create({ leave: {} }));
  }

  #onHello(link: PeerLink, { hello: caller }: PeerFrame): void {
    const { hello, refusals, onCaller } = this.#deps;
    if (caller === undefined || caller.memberId === '') {
      refusals.note('malformed', 'refused a connection that did not say who it is', { remote: link.remote });
      return this.#drop(link);
    }
    const refusal = objectionTo(hello, caller);
    if (refusal === undefined) {
      link.send(PeerFrame.create({ hello }));
      return onCaller(caller);
    }
    const about = { remote: link.remote, member: caller.memberId.slice(0, 128) };
    refusals.note(refusal.code, 'refused a member', { why: refusal.reason, ...about });
    link.send(PeerFrame.create({ refusal }));
    this.#drop(link);
  }

  #onFrame(link: PeerLink, caller: PeerHello, { beat, leave, question }: PeerFrame): void {
    if (beat !== undefined) link.send(PeerFrame.create({ beatAnswer: {} }));
    else if (leave !== undefined) this.#deps.onLeave(caller);
    else if (question !== undefined) this.#answer(link, question);
  }

  #answer(link: PeerLink, { questionId, memberId }: PeerQuestion): void {
    link.send(PeerFrame.create({ answer: { questionId, heard: this.#deps.hasHeard(memberId) } }));
  }

  #drop(link: PeerLink): void {
    this.#links.delete(link);
    link.close();
  }
}

const endings: Readonly<Record<string, string>> = {
  malformed: 'what came is no frame of ours',
  oversize: 'a frame was announced that is larger than any of ours',
  truncated: 'it broke off in the middle of a frame',
  stuck: 'the other side does not read',
};
