import { SETTING_NAMES, flagOf, namesOf, type SettingName } from "./catalogue.js";
import { SERVICES, type ServiceName } from "./declaration.js";
import { settle, type Settled } from "./settle.js";
import { shownValue } from "./shown.js";
import { collect, type Given, type Origin, type SettingSources } from "./sources.js";

/** A setting as it may be shown to anybody: secrets are masked. */
export interface ExaminedSetting {
  name: SettingName;
  /** Those that have this value. */
  services: ServiceName[];
  /** As it is written, or the default; null if there is neither. */
  value: string | null;
  isValid: boolean;
  origin: Origin;
  /** A published one, hence never masked; null if there is none, `without` then says what happens. */
  default: string | null;
  without: string | null;
  flag: string;
  unit: string | null;
  /** What may be given. */
  accepts: string;
  isSecret: boolean;
  purpose: string;
  reason: string;
}

/** All that can be said about settings. */
export interface Examination {
  settings: ExaminedSetting[];
  problems: string[];
  warnings: string[];
  /** What was given, as it is written, secrets too: what another process needs in its environment to have the same. */
  given: ReadonlyMap<SettingName, string>;
}

/**
 * Looks at settings without using them, whether or not they are valid. Throws nothing.
 *
 * @param sources default: the environment alone.
 * @param services default: all.
 */
export function examineSettings(
  sources: SettingSources = {},
  services: readonly ServiceName[] = SERVICES,
): Examination {
  const given = collect([...new Set(services.flatMap(namesOf))], sources);
  const variants = SETTING_NAMES.flatMap((name) => variantsOf(name, services, given));
  const ofValues = variants.flatMap(({ settled }) => settled.problem ?? []);
  return {
    settings: variants.map(shown),
    problems: [...new Set([...given.problems, ...ofValues])],
    warnings: [...given.warnings],
    given: new Map(Array.from(given.values, ([name, { text }]) => [name, text] as const)),
  };
}

interface Variant {
  readers: ServiceName[];
  settled: Settled;
}

/** One for all services to which a setting means the same. */
function variantsOf(name: SettingName, services: readonly ServiceName[], given: Given): Variant[] {
  const all = services
    .filter((service) => namesOf(service).includes(name))
    .map((service) => ({ service, settled: settle(name, service, given) }));
  const alike = Map.groupBy(all, ({ settled }) => JSON.stringify([settled.text, settled.declared.type.accepts]));
  return [...alike.values()].map((group) => ({
    readers: group.map(({ service }) => service),
    settled: group[0]!.settled,
  }));
}

function shown({ readers, settled }: Variant): ExaminedSetting {
  const { name, declared, origin, problem } = settled;
  return {
    name,
    services: readers,
    value: shownValue(settled),
    isValid: problem === undefined,
    origin,
    default: typeof declared.default === "string" ? declared.default : null,
    without: typeof declared.default === "string" ? null : declared.default.none,
    flag: flagOf(name),
    unit: declared.unit ?? null,
    accepts: declared.type.accepts,
    isSecret: declared.secret ?? false,
    purpose: declared.purpose,
    reason: declared.reason,
  };
}
