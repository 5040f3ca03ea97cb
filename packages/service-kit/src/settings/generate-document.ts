/** Writes the tables of docs/settings.md anew: `npm run document -w @agent-hive/service-kit`, after the build. */
import { readSettingsDocument, withTables, writeSettingsDocument } from "./settings-document.js";

writeSettingsDocument(withTables(readSettingsDocument()));
