import { generateOpenApi, readCommittedOpenApi } from "./generate-open-api.js";

test("openapi.json is what the controllers say; if not: npm run openapi -w @agent-hive/workflow-engine", async () => {
  expect(readCommittedOpenApi()).toEqual(await generateOpenApi());
});
