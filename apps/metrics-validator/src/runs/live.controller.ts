import { Controller, Get, Query } from "@nestjs/common";
import { z } from "zod";
import type { Measurement } from "@agent-hive/measurement";
import { read } from "../http/problems.js";
import { PerformanceValidator } from "../performance-validator.js";

const LONGEST_SECONDS = 60;

const querySchema = z.strictObject({
  seconds: z.coerce.number().pipe(z.int().min(1).max(LONGEST_SECONDS)).default(LONGEST_SECONDS),
});

/** What the latest seconds came to; a minute unless told. */
@Controller("v1/measurements")
export class LiveController {
  constructor(private readonly validator: PerformanceValidator) {}

  @Get("live")
  async live(@Query() query: unknown): Promise<Measurement> {
    const { seconds } = read(querySchema, query, "query");
    return this.validator.live(seconds);
  }
}
