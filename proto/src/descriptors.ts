import { createRequire } from 'node:module';
import type { Namespace, Root } from 'protobufjs';
import { root } from './root.ts';

const require = createRequire(import.meta.url);

interface Descriptors {
  readonly FileDescriptorProto: { encode(file: object): { finish(): Uint8Array } };
}
type Describing = Root & { toDescriptor(edition: string): { readonly file: readonly (object & { name: string })[] } };

const known = new Map<string, Uint8Array>();

/**
 * A package as a google.protobuf.FileDescriptorProto, encoded. It must not use messages of other packages.
 * @returns undefined when there is no such package
 */
export function describePackage(name: string, fileName: string): Uint8Array | undefined {
  const described = known.get(name);
  if (described) return described;
  const found = root.lookup(name.split('.'));
  if (found === null || !('nested' in found)) return undefined;
  const { Root: EmptyRoot } = require('protobufjs/light') as { Root: new () => Root };
  const descriptors = require('protobufjs/ext/descriptor') as Descriptors;
  const alone = new EmptyRoot() as Describing;
  alone.define(name).addJSON((found as Namespace).toJSON().nested ?? {});
  alone.resolveAll();
  const file = alone.toDescriptor('proto3').file.at(-1);
  if (file === undefined) return undefined;
  file.name = fileName;
  const bytes = descriptors.FileDescriptorProto.encode(file).finish();
  known.set(name, bytes);
  return bytes;
}
