/**
 * Rows turned into PostgreSQL array literals, column by column, for `unnest`. Written by hand because the driver's own
 * encoding, made for anything, took a third of the time of recording a batch. Values that PostgreSQL would refuse are
 * made harmless here: one odd value from one agent must not make a whole batch fail for ever.
 */

const NIL_UUID = "00000000-0000-0000-0000-000000000000";
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const MAX_INT = 2_147_483_647;
/** The year 2200: no clock that is right says more, and `timestamptz` could not hold what a wrong one might. */
const MAX_TIME_MS = 7_258_118_400_000;
/** Ten years: nobody waits longer, and an interval could not hold everything. */
const MAX_DELAY_MS = 315_360_000_000;

/** Encodes one column of rows. */
type Column = <T>(rows: readonly T[], read: (row: T) => string | number | boolean | null | undefined) => string;

const column =
  (encode: (value: string | number | boolean) => string): Column =>
  (rows, read) => {
    let literal = "{";
    let isEmpty = true;
    for (let index = 0; index < rows.length; index++) {
      const value = read(rows[index]!);
      const isNull = value === null || value === undefined;
      isEmpty &&= isNull;
      literal += (index === 0 ? "" : ",") + (isNull ? "NULL" : encode(value));
    }
    // `unnest` fills up short arrays with nulls, so what has nothing but nulls need not be sent.
    return isEmpty ? "{}" : `${literal}}`;
  };

/** Anything that is no UUID becomes the nil UUID, which no workflow has. */
export const uuids = column((value) => (UUID.test(value as string) ? (value as string) : NIL_UUID));

/** Whole numbers; too large ones become the largest, which no attempt or position is. */
export const integers = column((value) => String(Math.min(value as number, MAX_INT)));

/** Numbers that fit a bigint or a double as they are. */
export const numbers = column(String);

/** Milliseconds since 1970 for display; times that no working clock shows become null. */
export const times = column((value) =>
  (value as number) >= 0 && (value as number) < MAX_TIME_MS ? String(value) : "NULL",
);

/** Milliseconds to wait, at most ten years. */
export const delays = column((value) => String(Math.min(value as number, MAX_DELAY_MS)));

export const booleans = column((value) => (value ? "t" : "f"));

/** Text of any content; NUL characters, which PostgreSQL cannot store, are left out. */
export const texts = column((value) => {
  const text = value as string;
  return `"${/["\\\0]/.test(text) ? text.replace(/\0/g, "").replace(/["\\]/g, "\\$&") : text}"`;
});
