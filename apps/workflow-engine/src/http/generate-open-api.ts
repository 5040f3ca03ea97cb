import "reflect-metadata";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter, type NestFastifyApplication } from "@nestjs/platform-fastify";
import { ServiceCoreModule } from "@agent-hive/service-kit";
import { silentLogger } from "@agent-hive/telemetry";
import { readEngineSettings } from "../config.js";
import { WorkflowEngineModule } from "../workflow-engine.module.js";
import { describeApi } from "./open-api.js";

@Module({})
class DescribedModule {}

/** The committed description of the API, for clients and reviewers. */
const FILE = join(import.meta.dirname, "..", "..", "openapi.json");

/** The description as it follows from the controllers. Nothing is started for it. */
export async function generateOpenApi(): Promise<unknown> {
  const options = { preview: true, logger: false, abortOnError: false } as const;
  const imports = [
    ServiceCoreModule.forService(silentLogger),
    WorkflowEngineModule.forSettings(readEngineSettings({ env: {} })),
  ];
  const app = await NestFactory.create<NestFastifyApplication>(
    { module: DescribedModule, imports },
    new FastifyAdapter(),
    options,
  );
  try {
    // Through JSON, so that it is what is written: without fields that are undefined.
    return JSON.parse(JSON.stringify(describeApi(app)));
  } finally {
    await app.close();
  }
}

/** The description as it is committed. */
export const readCommittedOpenApi = (): unknown => JSON.parse(readFileSync(FILE, "utf8"));

if (process.argv[1] === import.meta.filename) {
  writeFileSync(FILE, `${JSON.stringify(await generateOpenApi(), undefined, 2)}\n`);
}
