import { ProcessConnections } from "./process-connections.js";

test("an id that a restarted server gives again names another connection", () => {
  const connections = new ProcessConnections();
  connections.add({ runId: "a", clientId: "7" });
  connections.add({ runId: "b", clientId: "7" });
  connections.add({ runId: "b", clientId: "3" });
  connections.remove({ runId: "a", clientId: "7" });
  expect(connections.idsOf("a")).toEqual([]);
  expect(connections.idsOf("b")).toEqual(["3", "7"]);
});
