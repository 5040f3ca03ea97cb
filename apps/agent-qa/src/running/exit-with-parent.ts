// Loaded into an application under test (`node --import`): when the agent that started it dies, however suddenly, the
// channel to it closes, and the application ends and takes its folder along. The channel keeps nothing running by itself.
import { rmSync } from "node:fs";

process.once("disconnect", () => {
  const folder = process.env["QA_FOLDER"];
  if (folder) rmSync(folder, { recursive: true, force: true });
  process.exit();
});
process.channel?.unref();
