import { judgeCores, judgeFreeDisk, judgeFreeMemory, judgeNode, judgeOpenFiles } from "./environment.js";

const MB = 1024 * 1024;

test("Node 24 and newer will do", () => {
  expect(judgeNode("24.0.0").state).toBe("held");
  expect(judgeNode("26.1.0").state).toBe("held");
});

test("an older Node is named, with the way to a newer one", () => {
  expect(judgeNode("22.9.0")).toMatchObject({
    state: "failed",
    found: "Node 22.9.0",
    remedy: expect.stringContaining("npm run hive -- validate"),
  });
});

test("two processors will do, one is too few", () => {
  expect(judgeCores(2).state).toBe("held");
  expect(judgeCores(1)).toMatchObject({ state: "failed", found: "1", remedy: expect.stringContaining("2 processors") });
});

test("half a gigabyte of memory must be free", () => {
  expect(judgeFreeMemory(512 * MB).state).toBe("held");
  expect(judgeFreeMemory(511.9 * MB)).toMatchObject({
    state: "failed",
    found: "511 MB",
    remedy: expect.stringContaining("512 MB must be free"),
  });
});

test("a gigabyte of disk must be free, where the hive keeps its files", () => {
  expect(judgeFreeDisk(1024 * MB, "/tmp/hive").state).toBe("held");
  expect(judgeFreeDisk(300 * MB, "/tmp/hive")).toMatchObject({
    state: "failed",
    found: "0.3 GB in /tmp/hive",
    remedy: expect.stringContaining("Make room in /tmp/hive"),
  });
});

test("a limit of open files is judged by its number, no limit holds without one", () => {
  expect(judgeOpenFiles(1024).state).toBe("held");
  expect(judgeOpenFiles(256)).toMatchObject({
    state: "failed",
    found: "256",
    remedy: expect.stringContaining("ulimit -n 1024"),
  });
  expect(judgeOpenFiles(Infinity)).toMatchObject({ state: "held", figures: [] });
});
