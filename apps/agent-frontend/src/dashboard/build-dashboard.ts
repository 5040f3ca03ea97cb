import { join } from "node:path";
import { sourceLiteral, templateFiles, type TaskOutput } from "@agent-hive/product-spec";
import type { PageResource } from "../ui-components/page-resources.js";

const MOST_COLUMNS = 6;

/** What is used of a table that `db_integration` tells of. */
interface Table {
  name: string;
  /** The table each foreign key refers to, by column. */
  references: Record<string, string>;
}

interface View {
  columns: string[];
  related: { resource: string; field: string }[];
}

/**
 * Builds the overview and the pages of every resource, from the resources that `ui_components` found in the API and the
 * foreign keys of the tables that `db_integration` found in the schema.
 */
export function buildDashboard(outputs: Record<string, TaskOutput>): TaskOutput {
  const resources = outputs["ui_components"]!["resources"] as PageResource[];
  const tables = outputs["db_integration"]!["tables"] as Table[];
  const views = Object.fromEntries(resources.map((resource) => [resource.name, viewOf(resource, resources, tables)]));
  return {
    files: templateFiles(join(import.meta.dirname, "templates"), { views: sourceLiteral(views) }),
    summary: `Built an overview and the pages of ${resources.length} resources.`,
  };
}

/** A list shows what fits on a line: no long texts, and not the title, by which each row is opened anyway. */
function viewOf(resource: PageResource, resources: PageResource[], tables: Table[]): View {
  const columns = resource.fields
    .filter((field) => field.control !== "textarea" && field.name !== resource.titleField)
    .map((field) => field.name)
    .slice(0, MOST_COLUMNS);
  const related = tables
    .filter((table) => resources.some((other) => other.name === table.name))
    .flatMap((table) =>
      Object.entries(table.references)
        .filter(([, target]) => target === resource.name)
        .map(([field]) => ({ resource: table.name, field })),
    );
  return { columns, related };
}
