import { join } from "node:path";
import { z } from "zod";
import { RECORDING_FILE } from "../../screen/recording.js";
import { JSON_FILES } from "./file-list.js";

/** Where the JSON Schemas are kept. */
export const SCHEMAS_FOLDER = join(import.meta.dirname, "../../../../../docs/schemas");

/** The JSON Schemas of the files, and of a line of the recording, by the names under which they are kept. */
export function jsonSchemas(): Record<string, Record<string, unknown>> {
  const { name: recording, holds: lines, lineSchema } = RECORDING_FILE;
  return Object.fromEntries(
    [...JSON_FILES, { name: recording, holds: lines, schema: lineSchema }].map(({ name, holds, schema }) => {
      const stem = name.replace(/\.(nd)?json$/, "");
      const { $schema, ...rest } = z.toJSONSchema(schema, { target: "draft-2020-12" });
      return [
        `${stem}.schema.json`,
        { $schema, $id: `urn:agent-hive:schema:${stem}`, ...rest, title: name, description: holds },
      ];
    }),
  );
}

/** A schema as it stands in its file. */
export function textOf(schema: Record<string, unknown>): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
