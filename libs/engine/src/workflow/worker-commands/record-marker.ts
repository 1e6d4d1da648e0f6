import type { Plain, temporal } from '@duramesh/proto';
import type { Draft } from '../draft.ts';
import { payloadsSizeBytes } from '../sizes.ts';
import { byteLength } from '../text.ts';
import {
  commandFailure,
  type CommandFailure,
  terminatingFailure,
  type WorkerCommandContext,
} from './worker-command.ts';

type Attributes = Plain<temporal.api.command.v1.IRecordMarkerCommandAttributes>;

const bad = (message: string): CommandFailure => commandFailure('BadRecordMarkerAttributes', message);

/** Writes down what the SDK wants to find again on replay. */
export function recordMarker(
  draft: Draft,
  attributes: Attributes | undefined,
  context: WorkerCommandContext,
): CommandFailure | undefined {
  if (!attributes) return bad('RecordMarkerCommandAttributes is not set on RecordMarkerCommand.');
  const { markerName = '', details, header, failure } = attributes;
  const { idLength, blobSizeBytes } = draft.environment.limits;
  if (markerName === '') return bad('MarkerName is not set on RecordMarkerCommand.');
  const length = byteLength(markerName);
  if (length > idLength) {
    const lengths = `Length=${length} Limit=${idLength}`;
    return bad(`MarkerName on RecordMarkerCommand exceeds length limit. MarkerName=${markerName} ${lengths}`);
  }
  let size = 0;
  for (const payloads of Object.values(details ?? {})) size += payloadsSizeBytes(payloads);
  if (size > blobSizeBytes) {
    return terminatingFailure('BadRecordMarkerAttributes', 'RecordMarkerCommandAttributes.Details exceeds size limit.');
  }
  const { workflowTaskCompletedEventId, userMetadata, eventGroupMarkers } = context;
  draft.emit(
    'MarkerRecorded',
    { markerName, details, header, failure, workflowTaskCompletedEventId },
    { userMetadata, eventGroupMarkers },
  );
  return undefined;
}
