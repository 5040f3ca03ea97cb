import { HiveApiError, HiveUnreachableError } from "@agent-hive/client";
import { EngineAccess } from "./engine-access.js";

const problem = { type: "about:blank", title: "t", status: 0, detail: "d", code: "NOT_FOUND" };

/** An engine that fails as it is told, call by call, and then answers. */
function setup(...failures: Error[]) {
  const calls = { count: 0 };
  const output = async () => {
    calls.count++;
    const failure = failures.shift();
    if (failure) throw failure;
    return "answer";
  };
  const access = new EngineAccess({ output, putArtifact: async () => ({ sha256: "", bytes: 0 }) });
  return { access, calls, failures };
}

const { signal: never } = new AbortController();

test.each([
  ["out of reach", new HiveUnreachableError("http://x", new Error("refused"))],
  ["overloaded", new HiveApiError(503, problem)],
  ["busy", new HiveApiError(429, problem)],
  ["cut off in the middle of an answer", new TypeError("terminated")],
])("an engine that is %s is asked again", async (_, failure) => {
  const { access, calls } = setup(failure, failure);
  await expect(access.outputOf("w", "t", never)).resolves.toBe("answer");
  expect(calls.count).toBe(3);
});

test.each([400, 404, 409])("a refusal with %d is final and says what was refused", async (status) => {
  const { access, calls } = setup(new HiveApiError(status, problem));
  await expect(access.outputOf("w", "rank", never)).rejects.toMatchObject({
    name: "TerminalError",
    code: "ENGINE_REFUSED",
    message: expect.stringContaining('output of task "rank"'),
    details: { status, code: "NOT_FOUND" },
  });
  expect(calls.count).toBe(1);
});

test("the engine is not asked sooner than it said", async () => {
  const { access } = setup(new HiveApiError(429, problem, 300));
  const begin = performance.now();
  await access.outputOf("w", "t", never);
  expect(performance.now() - begin).toBeGreaterThanOrEqual(295);
});

test("once the signal is aborted it is asked no more, and the error is transient", async () => {
  const { access, calls } = setup(...Array.from({ length: 1000 }, () => new HiveApiError(503, problem)));
  const signal = AbortSignal.timeout(150);
  await expect(access.outputOf("w", "t", signal)).rejects.toMatchObject({
    name: "TransientError",
    code: "ENGINE_UNREACHABLE",
  });
  const { count } = calls;
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(calls.count).toBe(count);
});
