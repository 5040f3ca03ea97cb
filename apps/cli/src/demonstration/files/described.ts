import { z } from "zod";

/**
 * The same object with a description for each of its fields, which their JSON Schema shows. Units that a field has are kept.
 *
 * @param descriptions one for every field, no more and no less.
 */
export function described<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  descriptions: { readonly [Field in keyof Shape]: string },
): z.ZodObject<Shape> {
  const fields = Object.entries(descriptions).map(([field, text]) => [
    field,
    (schema.shape[field] as z.ZodType).describe(text),
  ]);
  return z.object(Object.fromEntries(fields) as Shape);
}
