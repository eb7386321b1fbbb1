import type { SettingOrigin } from '#app/ports/project-catalogue.ts';
import type { Problem } from '../problems.ts';
import type { RESERVED, ServerEntry } from './server-schema.ts';
import type { LayerSettings, SettingName } from './settings-schema.ts';

/** What one place of `countersign.yaml` says; later layers win, key by key. */
export interface Layer {
  says: LayerSettings;
  placeOf: (...keys: readonly string[]) => string;
}

/** A value and where it was said. */
export interface Said {
  value: unknown;
  place: string;
}

/** The server's word and the repository's on one project; notes where each setting came from and what was not allowed. */
export interface SettingReader {
  entry: ServerEntry;
  layers: readonly Layer[];
  /** What the last layer that speaks of a setting says of it. */
  last: (name: SettingName, ...rest: string[]) => Said | undefined;
  allows: (setting: (typeof RESERVED)[number]) => boolean;
  /** The value that counts, with its place. */
  take: <T>(setting: string, value: T, place: string) => T;
  refuse: (place: string, what: string) => void;
  origins: readonly SettingOrigin[];
  problems: readonly Problem[];
}

/** Opens the two words on a project in a folder. */
export function readSettings(dir: string, entry: ServerEntry, layers: readonly Layer[]): SettingReader {
  const origins: SettingOrigin[] = [];
  const problems: Problem[] = [];
  return {
    entry,
    layers,
    last: (name, ...rest) => lastWord(layers, name, rest),
    allows: (setting) => entry.allow.settings.includes(setting),
    take(setting, value, place) {
      origins.push({ setting, value, place });
      return value;
    },
    refuse: (place, what) => void problems.push({ place, what: `${what} (${dir})` }),
    origins,
    problems,
  };
}

function lastWord(layers: readonly Layer[], name: SettingName, rest: readonly string[]): Said | undefined {
  for (const { says, placeOf } of layers.toReversed()) {
    const value = rest.reduce(member, says[name]);
    if (value !== undefined) return { value, place: placeOf(name, ...rest) };
  }
  return undefined;
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
