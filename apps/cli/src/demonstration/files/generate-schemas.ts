/** Writes docs/schemas anew: `npm run schemas -w @agent-hive/cli`, after the build. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jsonSchemas, SCHEMAS_FOLDER, textOf } from "./json-schemas.js";

mkdirSync(SCHEMAS_FOLDER, { recursive: true });
for (const [name, schema] of Object.entries(jsonSchemas())) writeFileSync(join(SCHEMAS_FOLDER, name), textOf(schema));
