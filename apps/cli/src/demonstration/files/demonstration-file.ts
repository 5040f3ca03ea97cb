import type { z } from "zod";
import type { DemonstrationOutcome } from "./outcome.js";

/** One JSON file of a demonstration: what it is, the shape it has, and how it is made. */
export interface DemonstrationFile<Content> {
  /** Its name below the output folder. */
  name: string;
  /** What one finds in it, a sentence. */
  holds: string;
  schema: z.ZodType<Content>;
  /** Makes its content; from every outcome, however early the run ended. */
  make: (outcome: DemonstrationOutcome) => Content;
}
