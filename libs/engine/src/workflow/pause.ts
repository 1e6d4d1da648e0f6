import type { Draft } from './draft.ts';
import { keywordListPayload, keywordsOf } from './properties.ts';
import { setAttribute } from './worker-facts.ts';

const PAUSE_INFO = 'TemporalPauseInfo';

/** The run says in a search attribute what of it is paused. Call when a pause has come or gone. @see spec-history 5.8 */
export function tellPauses(draft: Draft): void {
  const words = pauseWords(draft);
  const told = keywordsOf(draft.info.searchAttributes?.indexedFields?.[PAUSE_INFO]);
  if (words.length === told.length && words.every((word, i) => word === told[i])) return;
  setAttribute(draft, PAUSE_INFO, words.length > 0 ? keywordListPayload(words) : undefined);
}

function pauseWords({ info, activities }: Draft): readonly string[] {
  const types = new Set<string>();
  activities.forEach(({ pause, activityType }) => {
    if (pause) types.add(`property:activityType=${activityType}`);
  });
  const ofActivities = [...types].sort();
  if (!info.pause) return ofActivities;
  const { reason } = info.pause;
  return [`Workflow:${info.workflowId}`, ...(reason === '' ? [] : [`Reason:${reason}`]), ...ofActivities];
}
