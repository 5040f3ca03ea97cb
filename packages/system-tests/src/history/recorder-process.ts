/**
 * The outside world of a recorded run, as a process of its own: whoever lets something take effect tells it here, and it
 * is noted before the answer goes out. `recorder-process.js FOLDER SOCKET`; ends when its parent does.
 */
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { History } from "@agent-hive/proof";

const [folder, socket] = process.argv.slice(2);
const history = History.open(folder!, "recorder");

const server = createServer((request, response) => {
  json(request).then(
    (effect) => {
      history.note("effect", effect as object);
      response.end();
    },
    () => response.writeHead(400).end(),
  );
});
server.listen(socket, () => process.send?.("listening"));
process.once("disconnect", () => {
  history.close();
  process.exit();
});
