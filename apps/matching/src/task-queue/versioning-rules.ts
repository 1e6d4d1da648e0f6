import { failedPrecondition, GrpcCode, invalidArgument, notFound, ServiceError } from '@duramesh/contracts';
import { toTimestamp } from '@duramesh/engine';
import type { Plain, temporal, VersioningRules } from '@duramesh/proto';

export type RulesRequest = Plain<temporal.api.workflowservice.v1.IUpdateWorkerVersioningRulesRequest>;
type Assignment = VersioningRules['assignment'][number];
type Redirect = VersioningRules['redirect'][number];
type Rule<Stored extends { readonly rule?: unknown }> = NonNullable<Stored['rule']>;

const BUILD_ID_BYTES = 255;
const LIMITS = { assignment: 100, redirect: 500 } as const;
const FULL = 100;

interface Context {
  readonly nowMs: number;
  /** Whether a worker with the build id polled lately. */
  readonly isPolledBy: (buildId: string) => boolean;
}

/**
 * What the rules of a queue are after an update. @throws ServiceError when it is refused
 * @see spec-matching 9.2
 */
export function updatedRules(rules: VersioningRules, request: RulesRequest, context: Context): VersioningRules {
  requireToken(rules, request);
  return { ...applied(rules, request, context), token: rules.token + 1 };
}

function requireToken({ token }: VersioningRules, { conflictToken }: RulesRequest): void {
  const given = conflictToken?.length ? new TextDecoder().decode(conflictToken) : '';
  if (given === String(token)) return;
  throw failedPrecondition(`provided conflict token '${given}' does not match existing one '${token}'`);
}

function applied(rules: VersioningRules, request: RulesRequest, context: Context): VersioningRules {
  const { assignment, redirect } = rules;
  const { nowMs } = context;
  if (request.insertAssignmentRule) {
    const { ruleIndex = 0, rule } = request.insertAssignmentRule;
    return { ...rules, assignment: inserted(assignment, ruleIndex, assignmentRule(rule, nowMs)) };
  }
  if (request.replaceAssignmentRule) {
    const { ruleIndex = 0, rule, force } = request.replaceAssignmentRule;
    const checked = assignmentRule(rule, nowMs);
    requireIndex(assignment, ruleIndex);
    return { ...rules, assignment: stillFull(assignment, assignment.with(ruleIndex, checked), force) };
  }
  if (request.deleteAssignmentRule) {
    const { ruleIndex = 0, force } = request.deleteAssignmentRule;
    requireIndex(assignment, ruleIndex);
    return { ...rules, assignment: stillFull(assignment, assignment.toSpliced(ruleIndex, 1), force) };
  }
  if (request.commitBuildId) {
    const { targetBuildId = '', force = false } = request.commitBuildId;
    return { ...rules, assignment: committed(assignment, requireBuildId(targetBuildId), { force, context }) };
  }
  return { ...rules, redirect: redirected(redirect, request, nowMs) };
}

function requireBuildId(buildId: string): string {
  const bytes = new TextEncoder().encode(buildId).length;
  if (bytes <= BUILD_ID_BYTES) return buildId;
  throw invalidArgument(`BuildId must be <= ${BUILD_ID_BYTES} characters, was ${bytes}`);
}

/** A rule as it is kept: whoever names no part means all. */
function assignmentRule(rule: Rule<Assignment> | undefined, nowMs: number): Assignment {
  if (!rule) throw invalidArgument('assignment rule is not set');
  requireBuildId(rule.targetBuildId ?? '');
  const { rampPercentage = FULL } = rule.percentageRamp ?? { rampPercentage: FULL };
  if (!(rampPercentage >= 0 && rampPercentage <= FULL)) {
    throw invalidArgument('ramp percentage must be in range [0, 100]');
  }
  return { rule: { ...rule, percentageRamp: { rampPercentage } }, createTime: toTimestamp(nowMs) };
}

function inserted(rules: readonly Assignment[], index: number, rule: Assignment): readonly Assignment[] {
  if (index < 0) throw invalidArgument('rule index cannot be negative');
  requireRoom('assignment', rules.length);
  return rules.toSpliced(Math.min(index, rules.length), 0, rule);
}

function requireRoom(kind: keyof typeof LIMITS, count: number): void {
  const limit = LIMITS[kind];
  if (count < limit) return;
  const what = `update exceeds number of ${kind} rules permitted in namespace`;
  throw failedPrecondition(`${what} (${count + 1}/${limit})`);
}

function requireIndex(rules: readonly Assignment[], index: number): void {
  if (index < 0) throw invalidArgument('rule index cannot be negative');
  if (index < rules.length) return;
  throw invalidArgument(`rule index ${index} is out of bounds for assignment rule list of length ${rules.length}`);
}

const isFull = ({ rule }: Assignment): boolean => rule?.percentageRamp?.rampPercentage === FULL;

/** Whoever has a rule for everything keeps one, unless told otherwise. */
function stillFull(
  before: readonly Assignment[],
  after: readonly Assignment[],
  force: boolean | undefined,
): readonly Assignment[] {
  if (force || !before.some(isFull) || after.some(isFull)) return after;
  throw failedPrecondition(
    'at least one fully-ramped assignment rule must exist (use force=true to bypass this requirement and set the ' +
      'unversioned queue as the default)',
  );
}

/** The build id gets everything. */
function committed(
  rules: readonly Assignment[],
  targetBuildId: string,
  { force, context }: { readonly force: boolean; readonly context: Context },
): readonly Assignment[] {
  if (!force && !context.isPolledBy(targetBuildId)) {
    throw failedPrecondition(
      `no versioned poller with build ID '${targetBuildId}' seen within the last 1m10s, use force=true to commit anyways`,
    );
  }
  const others = rules.filter((rule) => !isFull(rule) && rule.rule?.targetBuildId !== targetBuildId);
  return [...others, assignmentRule({ targetBuildId }, context.nowMs)];
}

function redirected(rules: readonly Redirect[], request: RulesRequest, nowMs: number): readonly Redirect[] {
  const at = (source: string): number => rules.findIndex(({ rule }) => rule?.sourceBuildId === source);
  const missing = (source: string): Error => notFound(`no redirect rule found with source ID ${source}`);
  if (request.addCompatibleRedirectRule) {
    const added = redirectRule(request.addCompatibleRedirectRule.rule, nowMs);
    const source = added.rule?.sourceBuildId ?? '';
    const known = rules[at(source)];
    if (known) {
      const text = `source ${source} already redirects to target ${known.rule?.targetBuildId ?? ''}`;
      throw new ServiceError(GrpcCode.ALREADY_EXISTS, text);
    }
    requireRoom('redirect', rules.length);
    return withoutCircle([...rules, added], source);
  }
  if (request.replaceCompatibleRedirectRule) {
    const replaced = redirectRule(request.replaceCompatibleRedirectRule.rule, nowMs);
    const source = replaced.rule?.sourceBuildId ?? '';
    if (at(source) < 0) throw missing(source);
    return withoutCircle(rules.with(at(source), replaced), source);
  }
  if (request.deleteCompatibleRedirectRule) {
    const { sourceBuildId = '' } = request.deleteCompatibleRedirectRule;
    if (at(sourceBuildId) < 0) throw missing(sourceBuildId);
    return rules.toSpliced(at(sourceBuildId), 1);
  }
  throw invalidArgument('operation is not set');
}

function redirectRule(rule: Rule<Redirect> | undefined, nowMs: number): Redirect {
  if (!rule?.sourceBuildId || !rule.targetBuildId) {
    throw invalidArgument('source and target of a redirect rule must be set');
  }
  requireBuildId(rule.sourceBuildId);
  requireBuildId(rule.targetBuildId);
  return { rule, createTime: toTimestamp(nowMs) };
}

function withoutCircle(rules: readonly Redirect[], source: string): readonly Redirect[] {
  const targets = new Map(rules.map(({ rule }) => [rule?.sourceBuildId ?? '', rule?.targetBuildId ?? '']));
  let steps = 0;
  for (let at = targets.get(source); at !== undefined; at = targets.get(at)) {
    if (at === source || ++steps > rules.length) throw failedPrecondition('update would break acyclic requirement');
  }
  return rules;
}
