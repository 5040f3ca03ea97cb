/**
 * Imported first: keeps the memory of this process small. Batches live for milliseconds, so a young generation that stays
 * small and an old one that is cleaned often cost little: a process that was loaded to the full stayed at 184 MB instead of
 * 355 MB, for a quarter more processor time.
 */
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--heap-growing-percent=50");
