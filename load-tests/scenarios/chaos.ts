/** The same load for minutes while agents are killed: `hive chaos` runs beside it, which `npm run load -- chaos` starts. See ../README.md. */
import { steadyLoad } from "../lib/steady-load.ts";

const load = steadyLoad("chaos", { rate: 10_000, seconds: 600 }, ", agents killed meanwhile");
export const { options, setup, teardown, handleSummary } = load;
export default load.run;
