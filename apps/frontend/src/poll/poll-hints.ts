import type { Codec, PollTaskReply } from '@duramesh/proto';

interface Hints {
  readonly backlogCountHint?: number | undefined;
  readonly pollerScalingDecision?: { readonly pollRequestDeltaSuggestion?: number | undefined } | undefined;
}

/**
 * Adds to an encoded poll answer what only matching knows. Fields appended to an encoded message belong to it: what is
 * there already need not be read. An absent decision says nothing, a decision of 0 never appears.
 */
export const withHints =
  (codec: Codec<Hints>) =>
  (response: Uint8Array, { backlogCountHint, pollerDelta }: PollTaskReply): Uint8Array => {
    if (backlogCountHint === 0 && pollerDelta === 0) return response;
    const hints = {
      ...(backlogCountHint > 0 && { backlogCountHint }),
      ...(pollerDelta !== 0 && { pollerScalingDecision: { pollRequestDeltaSuggestion: pollerDelta } }),
    };
    return Buffer.concat([response, codec.encode(hints)]);
  };
