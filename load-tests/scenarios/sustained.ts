/** The same load for minutes. See ../README.md. */
import { steadyLoad } from "../lib/steady-load.ts";

const load = steadyLoad("sustained", { rate: 10_000, seconds: 600 });
export const { options, setup, teardown, handleSummary } = load;
export default load.run;
