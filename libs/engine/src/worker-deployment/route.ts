import type { QueueDeployment } from '@duramesh/proto';
import { fnv1a32 } from '@duramesh/runtime';
import { fromTimestamp } from '../workflow/events.ts';
import { UNVERSIONED, type Version } from './versions.ts';

/** Where the tasks of a queue go that belong to no version in particular. */
export interface Route {
  /** Absent: workers without a version. */
  readonly current: Version | undefined;
  readonly ramping: Version | undefined;
  /** Of 100 workflows so many go to the ramping version, or, with none, to workers without one. */
  readonly percentage: number;
  readonly isRamping: boolean;
  readonly updatedMs: number;
}

export const NO_ROUTE: Route = {
  current: undefined,
  ramping: undefined,
  percentage: 0,
  isRamping: false,
  updatedMs: 0,
};

type Times = NonNullable<QueueDeployment['routing']>;
const currentChangedMs = ({ currentVersionChangedTime: time }: Times): number => fromTimestamp(time);
const rampChangedMs = ({ rampingVersionPercentageChangedTime: time }: Times): number => fromTimestamp(time);

/**
 * What the deployments with workers on a queue make of it together: a version comes before none, of two the one set last.
 * A version without workers on the queue is none. @see spec-matching 9.3.7
 */
export function routeOf(deployments: readonly QueueDeployment[]): Route {
  let route = NO_ROUTE;
  let [currentMs, rampMs] = [-1, -1];
  for (const { routing, buildIds } of deployments) {
    if (!routing) continue;
    const { currentDeploymentVersion: current, rampingDeploymentVersion: ramping } = routing;
    if (current && buildIds.includes(current.buildId ?? '') && currentChangedMs(routing) > currentMs) {
      currentMs = currentChangedMs(routing);
      route = { ...route, current };
    }
    const isKnown = ramping ? buildIds.includes(ramping.buildId ?? '') : routing.rampingVersion === UNVERSIONED;
    if (!isKnown || rampChangedMs(routing) <= rampMs) continue;
    rampMs = rampChangedMs(routing);
    route = { ...route, ramping, isRamping: true, percentage: routing.rampingVersionPercentage ?? 0 };
  }
  return { ...route, updatedMs: Math.max(currentMs, rampMs, 0) };
}

const SPAN = 2 ** 32;

/** The same for a workflow id every time, between 0 and 100, and even over all of them. */
function shareOf(workflowId: string): number {
  let hash = fnv1a32(workflowId);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (100 * ((hash ^ (hash >>> 16)) >>> 0)) / SPAN;
}

/** The version that a workflow goes to if nothing binds it to another one; undefined means workers without a version. */
export function targetOf(route: Route, workflowId: string, useRamping = false): Version | undefined {
  if (!route.isRamping) return route.current;
  if (useRamping) return route.ramping;
  return shareOf(workflowId) < route.percentage ? route.ramping : route.current;
}
