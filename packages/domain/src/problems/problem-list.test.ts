import { MAX_REPORTED_PROBLEMS, pointer, ProblemList } from "./problem-list.js";

const notToBeBuilt = (): never => {
  throw new Error("built the message of a problem that is not listed");
};

describe("problem list", () => {
  const problem = (index: number) => ({
    code: "bad" as const,
    path: `tasks/${index}`,
    message: `Task ${index} is bad.`,
  });

  test("up to the limit everything is listed and nothing added", () => {
    const list = new ProblemList<"bad">();
    expect(list.isEmpty).toBe(true);
    for (let index = 0; index < MAX_REPORTED_PROBLEMS; index++) list.add(() => problem(index));
    expect(list.isEmpty).toBe(false);
    expect(list.toArray()).toHaveLength(MAX_REPORTED_PROBLEMS);
  });

  test("beyond the limit problems are counted without building their messages", () => {
    const list = new ProblemList<"bad">();
    for (let index = 0; index < MAX_REPORTED_PROBLEMS; index++) list.add(() => problem(index));
    for (let index = 0; index < 7; index++) list.add(notToBeBuilt);
    expect(list.toArray()).toHaveLength(MAX_REPORTED_PROBLEMS + 1);
    expect(list.toArray().at(-1)).toEqual({
      code: "more_problems",
      path: "",
      message: "7 more problems are not listed. Mend these first and submit again.",
    });
  });
});

test("a pointer escapes slashes and tildes in names", () => {
  expect(pointer("phases", "a/b~c", 0)).toBe("phases/a~1b~0c/0");
});
