import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from "@nestjs/swagger";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";

/** Builds the description of the engine's HTTP API from its controllers and their schemas. */
export function describeApi(app: NestFastifyApplication): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle("Agent Hive workflow engine")
    .setDescription("Submit workflows, watch them, read what became of them. Errors are problem details (RFC 9457).")
    .setVersion("1")
    .setLicense("Apache-2.0", "https://www.apache.org/licenses/LICENSE-2.0")
    .build();
  const document = SwaggerModule.createDocument(app, config);
  for (const path of Object.values(document.paths)) {
    for (const operation of Object.values(path)) problemsAsProblemJson(operation);
  }
  return document;
}

/** Serves it at `/docs` for people and at `/docs-json` for programs. */
export function serveApiDescription(app: NestFastifyApplication): void {
  SwaggerModule.setup("docs", app, () => describeApi(app), {
    jsonDocumentUrl: "docs-json",
    yamlDocumentUrl: "docs-yaml",
  });
}

/** Errors bear a media type of their own, which Nest's decorators cannot say. */
function problemsAsProblemJson(operation: unknown): void {
  const { responses } = (operation ?? {}) as { responses?: Record<string, { content?: Record<string, unknown> }> };
  for (const [status, response] of Object.entries(responses ?? {})) {
    const json = response.content?.["application/json"];
    if (Number(status) >= 400 && json !== undefined) response.content = { "application/problem+json": json };
  }
}
