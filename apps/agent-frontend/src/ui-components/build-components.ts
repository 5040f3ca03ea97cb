import { join } from "node:path";
import { readApi, sourceLiteral, templateFiles, type TaskOutput } from "@agent-hive/product-spec";
import { pageResources, type PageResource } from "./page-resources.js";

/** Builds what all pages are made of; `resources` tells the successors what there is to show. */
export function buildComponents(outputs: Record<string, TaskOutput>): TaskOutput & { resources: PageResource[] } {
  const api = readApi(outputs);
  const resources = pageResources(api);
  return {
    files: templateFiles(join(import.meta.dirname, "templates"), {
      hue: String(hueOf(api.info.title)),
      initial: /[A-Za-z0-9]/.exec(api.info.title)?.[0].toUpperCase() ?? "•",
      resources: sourceLiteral(resources),
    }),
    summary: `Built layout, forms, tables and stylesheet for ${resources.length} resources.`,
    resources,
  };
}

/** A colour of its own for every name, in degrees, and always the same one. */
function hueOf(name: string): number {
  return Array.from(name).reduce((hue, character) => (hue * 31 + character.codePointAt(0)!) % 360, 0);
}
