import { invalidArgument, type ServiceError } from '@duramesh/contracts';
import type { NamespaceRecord } from '@duramesh/proto';
import { isReservedSearchAttribute, searchAttributeTypeOf } from '@duramesh/visibility';
import type { FrontendLimits } from '../limits.ts';
import { changeNamespace } from '../namespaces/change-namespace.ts';
import { requiredNamespace } from '../namespaces/required-namespace.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

const UNSPECIFIED = 0;

function requireNew(name: string, type: number): void {
  if (isReservedSearchAttribute(name)) throw invalidArgument(`Search attribute ${name} is reserved by system.`);
  if (type === UNSPECIFIED) throw tooMany(0, 'Unspecified');
  if (!searchAttributeTypeOf(type)) throw invalidArgument(`Unknown search attribute type: ${type}.`);
}

const tooMany = (maximum: number, type: string): ServiceError =>
  invalidArgument(
    `Unable to create search attributes: cannot have more than ${maximum} search attribute of type ${type}.`,
  );

/** The record itself when it has all of them already. */
function withAttributes(
  record: NamespaceRecord,
  added: Readonly<Record<string, number>>,
  limits: FrontendLimits['customSearchAttributes'],
): NamespaceRecord {
  const searchAttributes = { ...record.searchAttributes };
  for (const [name, type] of Object.entries(added)) {
    const known = Object.hasOwn(searchAttributes, name) ? searchAttributes[name] : undefined;
    if (known !== undefined && known !== type) {
      const knownType = searchAttributeTypeOf(known) ?? 'Unspecified';
      throw invalidArgument(`Search attribute ${name} already exists and has different type ${knownType}.`);
    }
    searchAttributes[name] = type;
  }
  const types = Object.values(searchAttributes);
  if (types.length === Object.keys(record.searchAttributes).length) return record;
  for (const type of new Set(Object.values(added))) {
    const typeName = searchAttributeTypeOf(type);
    const maximum = typeName === undefined ? 0 : limits[typeName];
    if (types.filter((one) => one === type).length > maximum) throw tooMany(maximum, typeName ?? 'Unspecified');
  }
  return { ...record, searchAttributes, configVersion: record.configVersion + 1 };
}

/** temporal.api.operatorservice.v1.OperatorService/AddSearchAttributes */
export const addSearchAttributes =
  (services: FrontendServices): Handler<'AddSearchAttributes'> =>
  async ({ namespace, searchAttributes: added = {} }) => {
    const entries = Object.entries(added);
    if (entries.length === 0) throw invalidArgument('SearchAttributes are not set on request.');
    for (const [name, type] of entries) requireNew(name, type);
    const { name } = await requiredNamespace(services.namespaces, namespace);
    const limits = services.limits.customSearchAttributes;
    await changeNamespace(services, name, (record) => withAttributes(record, added, limits));
    return {};
  };
