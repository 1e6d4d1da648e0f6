import { invalidArgument } from '@duramesh/contracts';
import type { NamespaceRecord } from '@duramesh/proto';
import { isReservedSearchAttribute, searchAttributeTypeOf } from '@duramesh/visibility';
import { changeNamespace } from '../namespaces/change-namespace.ts';
import { requiredNamespace } from '../namespaces/required-namespace.ts';
import type { FrontendServices, Handler } from '../rpc/handler.ts';

const UNSPECIFIED = 0;

function requireNew(name: string, type: number): void {
  if (isReservedSearchAttribute(name)) throw invalidArgument(`Search attribute ${name} is reserved by system.`);
  if (type === UNSPECIFIED) {
    throw invalidArgument(
      'Unable to create search attributes: cannot have more than 0 search attribute of type Unspecified.',
    );
  }
  if (!searchAttributeTypeOf(type)) throw invalidArgument(`Unknown search attribute type: ${type}.`);
}

/** The record itself when it has all of them already. */
function withAttributes(
  record: NamespaceRecord,
  added: Readonly<Record<string, number>>,
  maximum: number,
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
  const count = Object.keys(searchAttributes).length;
  if (count > maximum) {
    throw invalidArgument(`Unable to create search attributes: cannot have more than ${maximum} search attributes.`);
  }
  const isSame = count === Object.keys(record.searchAttributes).length;
  return isSame ? record : { ...record, searchAttributes, configVersion: record.configVersion + 1 };
}

/** temporal.api.operatorservice.v1.OperatorService/AddSearchAttributes */
export const addSearchAttributes =
  (services: FrontendServices): Handler<'AddSearchAttributes'> =>
  async ({ namespace, searchAttributes: added = {} }) => {
    const entries = Object.entries(added);
    if (entries.length === 0) throw invalidArgument('SearchAttributes are not set on request.');
    for (const [name, type] of entries) requireNew(name, type);
    const { name } = await requiredNamespace(services.namespaces, namespace);
    const maximum = services.limits.customSearchAttributes;
    await changeNamespace(services, name, (record) => withAttributes(record, added, maximum));
    return {};
  };
