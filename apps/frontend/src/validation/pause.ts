import { invalidArgument } from '@duramesh/contracts';
import { exceedsBytes, requireExecution } from './ids.ts';

interface PauseRequest {
  readonly workflowId?: string | undefined;
  readonly runId?: string | undefined;
  readonly reason?: string | undefined;
  readonly requestId?: string | undefined;
  readonly identity?: string | undefined;
}

/** Who pauses a run or lets it go, and why. */
export function requirePauseTexts(request: PauseRequest, idBytes: number): void {
  const requireShort = (field: string, text = ''): void => {
    if (exceedsBytes(text, idBytes)) throw invalidArgument(`${field} is too long.`);
  };
  requireShort('reason', request.reason);
  requireShort('request id', request.requestId);
  requireShort('identity', request.identity);
  requireExecution(request);
}
