import { judgeSchema } from "./schema.js";

const SOUND = { version: 3, wantedVersion: 3, missingTables: [], missingFunctions: [], areFunctionsCurrent: true };

test("the schema of this build holds", () => {
  expect(judgeSchema(SOUND)).toMatchObject({ state: "held", found: expect.stringContaining("version 3") });
});

test.each([
  [{ version: 2 }, "version 2, this build is written for 3", "restart"],
  [{ version: 4 }, "version 4, this build is written for 3", "Run the release"],
  [{ missingTables: ["task", "artifact"] }, "no table task, artifact", "restart"],
  [{ missingFunctions: ["record_results"] }, "no function record_results", "restart"],
  [{ areFunctionsCurrent: false }, "the functions were made by another build", "restart"],
])("with %j it does not", (difference, found, remedy) => {
  expect(judgeSchema({ ...SOUND, ...difference })).toMatchObject({
    state: "failed",
    found,
    remedy: expect.stringContaining(remedy),
  });
});
