import { STATUS_CODES } from "node:http";
import { applyDecorators } from "@nestjs/common";
import { ApiResponse } from "@nestjs/swagger";
import { problemSchema } from "@agent-hive/contracts";

/** Declares the statuses with which an endpoint answers problem details. */
export function ApiProblems(...statuses: number[]): MethodDecorator {
  return applyDecorators(
    ...statuses.map((status) =>
      ApiResponse({ status, description: STATUS_CODES[status] ?? "Problem", standardSchema: problemSchema }),
    ),
  );
}
