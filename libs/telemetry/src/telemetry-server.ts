import type * as http from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@duramesh/runtime';

/** Answers whether one part of the process can do its work. */
export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What is wrong, in one sentence. */
  readonly detail?: string;
}

export interface TelemetryServerOptions {
  /** Loopback unless another address is asked for. */
  readonly host?: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly expose: () => string;
  readonly checks: (signal: AbortSignal) => Promise<readonly HealthCheck[]>;
}

export interface TelemetryServer {
  readonly port: number;
  close(): Promise<void>;
}

// An import would read every export of the module, and with them load an HTTP client that nobody uses.
const { createServer } = createRequire(import.meta.url)('node:http') as typeof http;

const CHECK_TIMEOUT_MS = 5000;
const REQUEST_TIMEOUT_MS = 10_000;
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Whether the process can do its work: 200, or 503 with what keeps it from doing so. */
const READINESS: ReadonlySet<string> = new Set(['/readyz', '/healthz', '/health']);
/** Whether its event loop lives, and nothing else: what fails here is mended by a new process. */
const LIVENESS = '/livez';

/** Serves `/metrics` for Prometheus, and `/livez` and `/readyz` for whatever watches the process. */
export async function startTelemetryServer(options: TelemetryServerOptions): Promise<TelemetryServer> {
  const server = createServer((request, response) => void answer(request, response, options));
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  await listen(server, options.port, options.host ?? '127.0.0.1');
  // Watching must not keep a process alive that has nothing else to do.
  server.unref();
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

function listen(server: http.Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function answer(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  options: TelemetryServerOptions,
): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?', 1);
  if (path !== '/metrics' && path !== LIVENESS && !READINESS.has(path)) {
    return send(response, { status: 404, body: 'Not found: try /metrics, /livez or /readyz.\n' });
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return send(response, { status: 405, body: 'Only GET is answered.\n' });
  }
  if (path === LIVENESS) return send(response, { status: 200, body: 'alive\n' });
  if (path === '/metrics') return send(response, { status: 200, body: options.expose(), type: METRICS_TYPE });
  const checks = await runChecks(options);
  const ok = checks.every((check) => check.ok);
  send(response, {
    status: ok ? 200 : 503,
    body: `${JSON.stringify({ ok, checks })}\n`,
    type: 'application/json',
  });
}

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

function send(response: http.ServerResponse, { status, body, type = 'text/plain; charset=utf-8' }: Reply): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

/** A check that throws or hangs is a failed check. */
async function runChecks({ checks, clock }: TelemetryServerOptions): Promise<readonly HealthCheck[]> {
  const deadline = new AbortController();
  const expiry = clock.schedule(CHECK_TIMEOUT_MS, () => deadline.abort(new Error('no answer in time')));
  try {
    return await Promise.race([checks(deadline.signal), rejectOn(deadline.signal)]);
  } catch (error) {
    return [{ name: 'checks', ok: false, detail: error instanceof Error ? error.message : String(error) }];
  } finally {
    expiry.cancel();
  }
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
