export { defaultLimits, type MatchingLimits } from './limits.ts';
export { type Matching, type MatchingDeps, startMatching } from './start-matching.ts';
