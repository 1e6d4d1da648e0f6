import { type Handlers, invalidArgument, type MatchingContract } from '@duramesh/contracts';
import { named } from './named.ts';
import type { Slot } from './slot.ts';

/** What the owner of one slot answers about versions of workers. */
export const versionHandlers = (slot: Slot) =>
  ({
    syncDeployment: async ({ queue, deployment }) => {
      if (deployment === undefined) throw invalidArgument('deployment is not set');
      await (await slot.open(named(queue))).versions.sync(deployment);
      return {};
    },
    registerVersion: async ({ queue, version }) => {
      if (version === undefined) throw invalidArgument('version is not set');
      const { versions } = await slot.open(named(queue));
      if (!versions.has(version)) await versions.register(version);
      return { versioning: versions.current };
    },
    followVersions: async ({ queue, follower }) => {
      const { versions } = await slot.open(named(queue));
      return { versioning: versions.follow(follower) };
    },
    versionsChanged: async ({ queue, versioning }) => {
      if (versioning) (await slot.find(named(queue)))?.versions.take(versioning);
      return {};
    },
    updateVersioningRules: async ({ queue, request }) => {
      const taskQueue = await slot.open(named(queue));
      return taskQueue.versions.updateRules(request ?? {}, (buildId) => taskQueue.isPolledBy(buildId));
    },
  }) satisfies Partial<Handlers<MatchingContract>>;
