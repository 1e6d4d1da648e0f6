import { type Client, type MatchingContract, resourceExhausted } from '@duramesh/contracts';
import { NO_ROUTE, type Route, routeOf, type Version } from '@duramesh/engine';
import { type QueueDeployment, QueueVersioning, type TaskQueuePartition, VersioningRules } from '@duramesh/proto';
import type { Clock, Logger } from '@duramesh/runtime';
import type { ConfigRow } from './queue-config.ts';
import { type RulesRequest, updatedRules } from './versioning-rules.ts';

/** Deployments that were on the queue once. */
const REMEMBERED = 20;
/** Of ResourceExhaustedCause and ResourceExhaustedScope. */
const DEPLOYMENT_LIMITS = 10;
const SCOPE_NAMESPACE = 1;
/** Who has not asked for so long does not follow any more. */
const FOLLOW_MS = 60_000;
/** Who follows asks again after so long, in case the root has moved and does not know him. */
const ASK_AGAIN_MS = 10_000;
const CALL_MS = 2_000;

export interface QueueVersionsDeps {
  readonly queue: TaskQueuePartition;
  /** The partition that knows; undefined when this is it. */
  readonly root: TaskQueuePartition | undefined;
  readonly row: ConfigRow;
  readonly matching: Client<MatchingContract>;
  /** With workers on the queue. */
  readonly maxVersions: number;
  /** Makes a version known to its deployment. */
  readonly tellDeployment: (version: Version) => Promise<QueueDeployment>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What is known has changed. */
  readonly onChange: () => void;
}

/**
 * What a partition knows about the versions of its workers. The root of a queue hears it from the deployments and keeps it;
 * the other partitions, and the queues of single workers, follow the root.
 */
export class QueueVersions {
  readonly #deps: QueueVersionsDeps;
  readonly #followers = new Map<string, { readonly queue: TaskQueuePartition; readonly untilMs: number }>();
  #current: QueueVersioning = QueueVersioning.create();
  #route: Route = NO_ROUTE;
  #isUnversioned = true;
  #askedMs = Number.NEGATIVE_INFINITY;
  #updates: Promise<unknown> = Promise.resolve();
  readonly #registering = new Map<string, Promise<void>>();

  constructor(deps: QueueVersionsDeps) {
    this.#deps = deps;
  }

  get current(): QueueVersioning {
    return this.#current;
  }

  get route(): Route {
    return this.#route;
  }

  /** No worker of the queue has a version. */
  get isUnversioned(): boolean {
    return this.#isUnversioned;
  }

  has({ deploymentName, buildId = '' }: Version): boolean {
    const deployment = this.#current.deployments.find((one) => one.deploymentName === deploymentName);
    return deployment?.buildIds.includes(buildId) ?? false;
  }

  /** Every version with workers on the queue. */
  versions(): readonly Version[] {
    return this.#current.deployments.flatMap(({ deploymentName, buildIds }) =>
      buildIds.map((buildId) => ({ deploymentName, buildId })),
    );
  }

  /** Before the queue is used. Who follows can do without for a moment. */
  async load(): Promise<void> {
    if (this.#deps.root) return this.refresh();
    const stored = await this.#deps.row.read();
    if (stored) this.#take(QueueVersioning.decode(stored));
  }

  /** Who follows asks, unless he did lately. */
  async refresh(): Promise<void> {
    const { root, queue, matching, clock, logger } = this.#deps;
    if (!root || clock.now() - this.#askedMs < ASK_AGAIN_MS) return;
    this.#askedMs = clock.now();
    try {
      const { versioning } = await matching.followVersions({ queue: root, follower: queue }, { timeoutMs: CALL_MS });
      if (versioning) this.take(versioning);
    } catch (error) {
      this.#askedMs = Number.NEGATIVE_INFINITY;
      logger.debug({ error, queue: queue.name }, 'the root could not be asked for versions');
    }
  }

  /** What the root says, or has said before it said something newer. */
  take({ deployments, rules }: QueueVersioning): void {
    const news = deployments.filter((one) => isNews(one, this.#current));
    if (news.length > 0) this.#take({ rules, deployments: replaced(this.#current.deployments, news) });
  }

  /** At the root: what is known, and news of it for a while. */
  follow(follower: TaskQueuePartition | undefined): QueueVersioning {
    const now = this.#deps.clock.now();
    this.#forgetFollowers(now);
    if (follower) {
      const key = `${follower.kind}/${follower.partition}/${follower.name}`;
      this.#followers.delete(key);
      this.#followers.set(key, { queue: follower, untilMs: now + FOLLOW_MS });
    }
    return this.#current;
  }

  /** Makes sure that the version is known to the queue, and the queue to its deployment. */
  register(version: Version): Promise<void> {
    const key = `${version.deploymentName}/${version.buildId}`;
    const underWay = this.#registering.get(key);
    if (underWay) return underWay;
    const registering = this.#register(version).finally(() => this.#registering.delete(key));
    this.#registering.set(key, registering);
    return registering;
  }

  async #register(version: Version): Promise<void> {
    const { root, matching, tellDeployment, maxVersions } = this.#deps;
    if (!root) {
      if (this.versions().length >= maxVersions) throw tooManyVersions(maxVersions);
      return this.sync(await tellDeployment(version));
    }
    const { versioning } = await matching.registerVersion({ queue: root, version });
    if (versioning) this.take(versioning);
  }

  /** At the root: a deployment has changed. Older news change nothing, also about one that has left the queue. */
  sync(deployment: QueueDeployment): Promise<void> {
    return this.#update((current) =>
      isNews(deployment, current)
        ? { ...current, deployments: withoutOldest(replaced(current.deployments, [deployment])) }
        : current,
    );
  }

  /** At the root: rules of the earlier generation. @throws ServiceError */
  async updateRules(request: RulesRequest, isPolledBy: (buildId: string) => boolean): Promise<VersioningRules> {
    const nowMs = this.#deps.clock.now();
    await this.#update((current) => {
      const rules = current.rules ?? VersioningRules.create();
      return { ...current, rules: updatedRules(rules, request, { nowMs, isPolledBy }) };
    });
    return this.#current.rules ?? VersioningRules.create();
  }

  /** One after the other: stored, in force here, told to the others. */
  #update(change: (current: QueueVersioning) => QueueVersioning): Promise<void> {
    const update = this.#updates.then(async () => {
      const versioning = change(this.#current);
      if (versioning === this.#current) return;
      await this.#deps.row.write(QueueVersioning.encode(versioning));
      this.#take(versioning);
      await this.#tell();
    });
    this.#updates = update.catch(() => undefined);
    return update;
  }

  #take(versioning: QueueVersioning): void {
    this.#current = versioning;
    this.#route = routeOf(versioning.deployments);
    this.#isUnversioned = !versioning.deployments.some(({ buildIds }) => buildIds.length > 0);
    this.#deps.onChange();
  }

  /** Whoever asked last stands last. */
  #forgetFollowers(now: number): void {
    for (const [key, { untilMs }] of this.#followers) {
      if (untilMs >= now) return;
      this.#followers.delete(key);
    }
  }

  /** Who cannot be told asks later. */
  async #tell(): Promise<void> {
    const { matching, clock, logger } = this.#deps;
    this.#forgetFollowers(clock.now());
    const told = Array.from(this.#followers.values(), ({ queue }) =>
      matching.versionsChanged({ queue, versioning: this.#current }, { timeoutMs: CALL_MS }),
    );
    const failed = (await Promise.allSettled(told)).filter(({ status }) => status === 'rejected');
    if (failed.length > 0) logger.warn({ partitions: failed.length }, 'partitions could not be told of a version');
  }
}

type Deployments = readonly QueueDeployment[];

function isNews({ deploymentName, revision }: QueueDeployment, { deployments }: QueueVersioning): boolean {
  const known = deployments.find((one) => one.deploymentName === deploymentName);
  return known === undefined || known.revision < revision;
}

function replaced(deployments: Deployments, news: Deployments): Deployments {
  const names = new Set(news.map(({ deploymentName }) => deploymentName));
  return [...deployments.filter(({ deploymentName }) => !names.has(deploymentName)), ...news];
}

/** Deployments that have left the queue are remembered for a while, the last ones. */
function withoutOldest(deployments: Deployments): Deployments {
  const gone = deployments.filter(({ buildIds }) => buildIds.length === 0);
  const forgotten = new Set(gone.slice(0, Math.max(0, gone.length - REMEMBERED)));
  return forgotten.size === 0 ? deployments : deployments.filter((one) => !forgotten.has(one));
}

const tooManyVersions = (limit: number): Error =>
  resourceExhausted(
    `exceeding maximum number of Deployment Versions in this task queue (limit = ${limit})`,
    DEPLOYMENT_LIMITS,
    SCOPE_NAMESPACE,
  );
