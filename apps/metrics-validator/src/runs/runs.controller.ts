import { Body, Controller, Get, Header, HttpCode, HttpStatus, Param, Post } from "@nestjs/common";
import { z } from "zod";
import { actSchema, publishedFigureSchema } from "@agent-hive/measurement";
import { ProblemError } from "@agent-hive/service-kit";
import { read } from "../http/problems.js";
import { PerformanceValidator } from "../performance-validator.js";
import type { Run } from "./run-book.js";

/** Acts or figures of one request. */
const MOST_AT_ONCE = 1_000;
const JSON_TYPE = "application/json; charset=utf-8";

const beginSchema = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  underLoad: z.boolean().optional(),
  events: z.boolean().optional(),
});
const actsSchema = z.strictObject({ acts: z.array(actSchema).min(1).max(MOST_AT_ONCE) });
const figuresSchema = z.strictObject({ figures: z.array(publishedFigureSchema).min(1).max(MOST_AT_ONCE) });
const endSchema = z.strictObject({ atRest: z.boolean().default(false) });
const idSchema = z.uuid();

/** A run as its beginner is told. */
export interface RunView {
  id: string;
  name: string;
  /** On PostgreSQL's clock. */
  fromMs: number;
  acts: number;
  figures: number;
}

/** Runs: begun, told what was done meanwhile, ended, and what they came to. */
@Controller("v1/runs")
export class RunsController {
  constructor(private readonly validator: PerformanceValidator) {}

  @Post()
  async begin(@Body() body: unknown): Promise<RunView> {
    return viewOf(await this.validator.begin(read(beginSchema, body ?? {}, "body")));
  }

  @Post(":id/acts")
  @HttpCode(HttpStatus.OK)
  acts(@Param("id") id: string, @Body() body: unknown): RunView {
    return viewOf(this.validator.note(runId(id), read(actsSchema, body, "body")));
  }

  @Post(":id/figures")
  @HttpCode(HttpStatus.OK)
  figures(@Param("id") id: string, @Body() body: unknown): RunView {
    return viewOf(this.validator.note(runId(id), read(figuresSchema, body, "body")));
  }

  @Post(":id/end")
  @HttpCode(HttpStatus.OK)
  @Header("content-type", JSON_TYPE)
  async end(@Param("id") id: string, @Body() body: unknown): Promise<string> {
    const { atRest } = read(endSchema, body ?? {}, "body");
    return (await this.validator.end(runId(id), atRest)).json();
  }

  @Get(":id")
  @Header("content-type", JSON_TYPE)
  async measurement(@Param("id") id: string): Promise<string> {
    return this.validator.measurement(runId(id));
  }
}

function viewOf({ id, name, fromMs, acts, published }: Run): RunView {
  return { id, name, fromMs, acts: acts.length, figures: published.length };
}

function runId(text: string): string {
  if (!idSchema.safeParse(text).success) throw new ProblemError("NOT_FOUND", `"${text}" cannot be the id of a run.`);
  return text;
}
