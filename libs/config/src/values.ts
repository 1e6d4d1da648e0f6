import { type AnySettings, type ValuesOf } from './setting.ts';
import { settings as settingsOfStart } from './settings.ts';
import { ConfigRefusal, type Given, readFile, readFlags, readVariables, type Source } from './sources.ts';

/** What is read from outside. */
export interface ConfigSurroundings {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostName: string;
  readonly isTerminal: boolean;
  /** @throws when the file cannot be read */
  readonly readText: (path: string) => string;
}

export interface Resolved<S extends AnySettings> {
  readonly values: ValuesOf<S>;
  /** Strongest first. */
  readonly sources: readonly Source[];
}

/** Flags win over variables, variables over the config file, the file over defaults. @throws ConfigRefusal */
export function resolveValues<S extends AnySettings>(settings: S, surroundings: ConfigSurroundings): Resolved<S> {
  const sources = readSources(settings, surroundings);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(settings)) {
    const given = strongest(sources, name);
    if (given === undefined) {
      values[name] = setting.initial;
      continue;
    }
    const parsed = setting.read(given.texts);
    if (!parsed.ok) {
      throw new ConfigRefusal(
        `${given.from} must be ${parsed.mustBe}, but was '${withoutPassword(given.texts.join(','))}'`,
      );
    }
    values[name] = parsed.value;
  }
  return { values: values as ValuesOf<S>, sources };
}

/** Also of a URL that is not one. */
const withoutPassword = (text: string): string => text.replaceAll(/(\/\/[^\s:@/]*):[^\s@]*@/g, '$1:***@');

function readSources(settings: AnySettings, { args, env, readText }: ConfigSurroundings): readonly Source[] {
  const strong = [readFlags(args, settings), readVariables(env, settings)];
  const path = strongest(strong, 'config')?.texts.at(-1);
  if (path === undefined) return strong;
  let content: string;
  try {
    content = readText(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigRefusal(`the config file ${path} cannot be read: ${why}`);
  }
  return [...strong, readFile(path, content, settingsOfStart)];
}

export const strongest = (sources: readonly Source[], name: string): Given | undefined =>
  sources.find((source) => source.has(name))?.get(name);

export type Answer<T> = { readonly ok: true; readonly config: T } | { readonly ok: false; readonly message: string };

/** What a person got wrong as a value. */
export function answerOf<T>(resolve: () => T): Answer<T> {
  try {
    return { ok: true, config: resolve() };
  } catch (error) {
    if (error instanceof ConfigRefusal) return { ok: false, message: error.message };
    throw error;
  }
}
