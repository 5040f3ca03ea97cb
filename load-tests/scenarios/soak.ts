/** A comfortable load for an hour: what grows, leaks or slows down shows. See ../README.md. */
import { steadyLoad } from "../lib/steady-load.ts";

const load = steadyLoad("soak", { rate: 3_000, seconds: 3_600 });
export const { options, setup, teardown, handleSummary } = load;
export default load.run;
