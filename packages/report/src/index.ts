export { renderReport } from "./render-report.js";
export { reportInputSchema, type ReportInput } from "./report-input.js";
