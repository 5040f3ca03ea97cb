import { delays, integers, texts, times, uuids } from "./columns.js";

const same = <T>(value: T): T => value;

describe("columns", () => {
  test("texts are quoted, nulls are not, and what PostgreSQL cannot store is left out", () => {
    expect(texts(["plain", 'a "b" \\ {c,d}', "NULL", "", null, undefined, "nul\0gone"], same)).toBe(
      String.raw`{"plain","a \"b\" \\ {c,d}","NULL","",NULL,NULL,"nulgone"}`,
    );
  });

  test("what is no UUID becomes the nil UUID, so that one odd key does not refuse a batch", () => {
    const valid = "018f0000-0000-7000-8000-000000000001";
    expect(uuids([valid, "------------------------------------", ""], same)).toBe(
      `{${valid},00000000-0000-0000-0000-000000000000,00000000-0000-0000-0000-000000000000}`,
    );
  });

  test("numbers beyond what a column can hold are cut to what it can", () => {
    expect(integers([1, 2 ** 40], same)).toBe("{1,2147483647}");
    expect(times([0, 1_790_000_000_000.5, -1, 1e300, null], same)).toBe("{0,1790000000000.5,NULL,NULL,NULL}");
    expect(delays([5, Number.MAX_SAFE_INTEGER], same)).toBe("{5,315360000000}");
  });
});
