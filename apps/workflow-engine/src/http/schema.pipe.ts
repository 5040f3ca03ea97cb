import { Injectable, type ArgumentMetadata, type PipeTransform } from "@nestjs/common";
import type { z } from "zod";
import { ProblemError } from "@agent-hive/service-kit";
import { validate } from "./validation.js";

/**
 * Checks parameters that are declared with a schema, and hands on what the schema makes of them: a query that does not
 * fit is refused, a path that cannot exist is not found. Bodies are read by their use cases, which can tell more.
 */
@Injectable()
export class SchemaPipe implements PipeTransform {
  transform(value: unknown, { schema, type, data }: ArgumentMetadata): unknown {
    if (schema === undefined || type === "body") return value;
    const zodSchema = schema as unknown as z.ZodType;
    if (type !== "param") return validate(zodSchema, value, type);
    if (!zodSchema.safeParse(value).success)
      throw new ProblemError("NOT_FOUND", `"${String(value)}" cannot be the ${data} of anything here.`);
    return value;
  }
}
