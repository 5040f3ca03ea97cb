import type { z } from "zod";

interface Definition {
  type: string;
  shape?: Record<string, z.core.$ZodType>;
  element?: z.core.$ZodType;
  innerType?: z.core.$ZodType;
  in?: z.core.$ZodType;
}

/** The fields that a schema knows at a path, so that a misspelt one can be answered with the nearest; none if it is no object. */
export function knownKeysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const definition = schema._zod.def as unknown as Definition;
  const wrapped = definition.innerType ?? definition.in;
  if (wrapped) return knownKeysAt(wrapped, path);
  const [key, ...rest] = path;
  if (key === undefined) return Object.keys(definition.shape ?? {});
  const next = typeof key === "number" ? definition.element : definition.shape?.[String(key)];
  return next ? knownKeysAt(next, rest) : [];
}
