import type { SchemaInspection } from "@agent-hive/persistence";
import { judged, type Finding, type HivelessCheck } from "../check.js";

const MIGRATED_AT_START = "The engine makes it at its start: restart one of this build, and see what it logs.";

export const schemaCheck: HivelessCheck = {
  id: "schema",
  title: "Tables and functions in PostgreSQL",
  severity: "needed",
  wanted: "those of this build",
  run: async ({ stores }) => judgeSchema(await stores.schema()),
};

export function judgeSchema(schema: SchemaInspection): Finding {
  const { version, wantedVersion, missingTables, missingFunctions, areFunctionsCurrent } = schema;
  const isNewer = version > wantedVersion;
  const wrong = [
    ...(version === wantedVersion ? [] : [`version ${version}, this build is written for ${wantedVersion}`]),
    ...(missingTables.length === 0 ? [] : [`no table ${missingTables.join(", ")}`]),
    ...(missingFunctions.length === 0 ? [] : [`no function ${missingFunctions.join(", ")}`]),
    ...(areFunctionsCurrent ? [] : ["the functions were made by another build"]),
  ];
  return judged(
    wrong.length === 0,
    wrong.length === 0 ? `version ${version}, all tables and functions are of this build` : wrong.join("; "),
    isNewer ? "Run the release that brought the database to this version, or a newer one." : MIGRATED_AT_START,
  );
}
