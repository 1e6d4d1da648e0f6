import type { Plain, temporal } from '@duramesh/proto';
import { BEHAVIOR, type Version, versionKey } from '../worker-deployment/versions.ts';
import type { Draft } from './draft.ts';
import type { Attributes, HistoryEvent } from './events.ts';
import { decodeText } from './text.ts';
import { keywordListPayload, keywordPayload, keywordsOf, mergeSearchAttributes, type Payload } from './properties.ts';

type ResetPoint = Plain<temporal.api.workflow.v1.IResetPointInfo>;

export const REPORTED_PROBLEMS = 'TemporalReportedProblems';
const BUILD_IDS = 'BuildIds';
const BINARY_CHECKSUMS = 'BinaryChecksums';
const DEPLOYMENT = 'TemporalWorkerDeployment';
const VERSION = 'TemporalWorkerDeploymentVersion';
const USED_VERSIONS = 'TemporalUsedWorkerDeploymentVersions';
const VERSIONING = 'TemporalWorkflowVersioningBehavior';
const BEHAVIOR_WORDS = ['', 'Pinned', 'AutoUpgrade'];
const UNVERSIONED = 'unversioned';

export interface Completion {
  readonly attributes: Attributes<'WorkflowTaskCompleted'>;
  readonly event: HistoryEvent;
  readonly isFirst: boolean;
}

/** Sets a search attribute as the server's own word; without a payload it is taken away. */
export function setAttribute(draft: Draft, name: string, payload: Payload | undefined): void {
  const { info } = draft;
  info.searchAttributes = mergeSearchAttributes(info.searchAttributes, {
    // An absent value is what unsets.
    indexedFields: { [name]: payload ?? {} },
  });
  draft.visibilityChanged = true;
}

/** The run says of itself which problem keeps its workflow task failing. @see spec-history 2.8 */
export function reportProblem(draft: Draft): void {
  const { info } = draft;
  if (info.searchAttributes?.indexedFields?.[REPORTED_PROBLEMS]) return;
  setAttribute(draft, REPORTED_PROBLEMS, keywordListPayload(info.workflowTaskProblem));
}

export function clearReportedProblem(draft: Draft): void {
  if (draft.info.searchAttributes?.indexedFields?.[REPORTED_PROBLEMS])
    setAttribute(draft, REPORTED_PROBLEMS, undefined);
}

/**
 * Which worker advances the run: told in search attributes, and a point to reset to for each build it was the first
 * task of. Nothing changes while the same build goes on. @see spec-history 10
 */
export function rememberWorker(draft: Draft, completion: Completion): void {
  const { info } = draft;
  const { attributes, isFirst } = completion;
  const stamp = attributes.workerVersion;
  const checksum = attributes.binaryChecksum ?? '';
  const deployment = attributes.workerDeploymentName ?? '';
  const sameBuild = (stamp?.buildId ?? '') === (info.workerVersion?.buildId ?? '');
  if (!isFirst && sameBuild && checksum === '' && deployment === info.workerDeploymentName) return;

  info.workerVersion = stamp;
  addKeyword(draft, BUILD_IDS, UNVERSIONED);
  if (stamp?.buildId) addKeyword(draft, BUILD_IDS, `${UNVERSIONED}:${stamp.buildId}`);
  if (checksum !== '') addKeyword(draft, BINARY_CHECKSUMS, checksum);
  if (deployment !== info.workerDeploymentName) {
    info.workerDeploymentName = deployment;
    setAttribute(draft, DEPLOYMENT, deployment === '' ? undefined : keywordPayload(deployment));
  }
  addResetPoint(draft, completion);
}

/** Lists show which workers a run is with. @see spec-matching 9.3.1 */
export function tellVersion(
  draft: Draft,
  { behavior, version }: { readonly behavior: number; readonly version: Version | undefined },
): void {
  const isVersioned = behavior !== BEHAVIOR.unspecified;
  const key = isVersioned ? versionKey(version) : '';
  changeKeyword(draft, VERSIONING, BEHAVIOR_WORDS[behavior] ?? '');
  changeKeyword(draft, VERSION, key);
  if (key === '') return;
  changeKeyword(draft, DEPLOYMENT, version?.deploymentName ?? '');
  addKeyword(draft, USED_VERSIONS, key);
  if (behavior === BEHAVIOR.pinned) addKeyword(draft, BUILD_IDS, `pinned:${key}`);
}

/** The empty word takes the attribute away. */
function changeKeyword(draft: Draft, name: string, word: string): void {
  const payload = word === '' ? undefined : keywordPayload(word);
  const known = draft.info.searchAttributes?.indexedFields?.[name];
  if (known === undefined ? payload === undefined : payload && isSamePayload(known, payload)) return;
  setAttribute(draft, name, payload);
}

const isSamePayload = (a: Payload, b: Payload): boolean => decodeText(a.data) === decodeText(b.data);

function addKeyword(draft: Draft, name: string, word: string): void {
  const words = keywordsOf(draft.info.searchAttributes?.indexedFields?.[name]);
  if (!words.includes(word)) setAttribute(draft, name, keywordListPayload([...words, word]));
}

function addResetPoint(draft: Draft, { attributes, event }: Completion): void {
  const { info, environment } = draft;
  const points: readonly ResetPoint[] = info.autoResetPoints?.points ?? [];
  const buildId = attributes.workerVersion?.buildId ?? '';
  const binaryChecksum = attributes.binaryChecksum ?? '';
  const isKnown = (point: ResetPoint): boolean =>
    (point.buildId ?? '') === buildId && (point.binaryChecksum ?? '') === binaryChecksum;
  if (points.some(isKnown)) return;
  const point: ResetPoint = {
    buildId,
    binaryChecksum,
    runId: info.runId,
    firstWorkflowTaskCompletedId: event.eventId ?? 0,
    createTime: event.eventTime,
    resettable: true,
  };
  const oldest = Math.max(0, points.length + 1 - environment.limits.autoResetPoints);
  info.autoResetPoints = { points: [...points.slice(oldest), point] };
}
