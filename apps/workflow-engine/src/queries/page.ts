import { z } from "zod";

/** Which page of a list: `cursor` is the `next` of the page before. */
export const pageSchema = z.strictObject({
  limit: z.coerce.number().pipe(z.int().min(1).max(1000)).default(50),
  cursor: z.string().max(500).optional(),
});
