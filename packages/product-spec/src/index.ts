export {
  ACTIONS,
  ANYONE,
  type Action,
  type Entity,
  type Field,
  type ProductSpec,
  type Relation,
  type Role,
} from "./product-spec.js";
export { parseProductSpec } from "./parse-product-spec.js";
export { ProductSpecError, type SpecProblem } from "./spec-problem.js";
export { SPEC_LIMITS } from "./spec-schema.js";
export {
  camelCase,
  kebabCase,
  labelOf,
  pascalCase,
  pathOf,
  pluralOf,
  relationColumn,
  slugOf,
  tableName,
} from "./naming.js";
export {
  assembleApplication,
  builtFile,
  parseTaskOutput,
  writeApplication,
  type BuiltFiles,
  type TaskBuilder,
  type TaskOutput,
} from "./built-files.js";
export { templateFiles } from "./template-files.js";
export { sourceLiteral } from "./source-literal.js";
export { listExamples, readExample } from "./examples.js";
export {
  PRODUCT_TASKS,
  ancestorsOf,
  productWorkflow,
  type ProductTask,
  type ProductWorkflow,
} from "./product-workflow.js";
export {
  ACCOUNTS_TAG,
  operationsOf,
  readApi,
  resourcesOf,
  type ApiDocument,
  type ApiOperation,
  type JsonSchema,
  type ResourceOperations,
} from "./api-document.js";
export { ancestorOutputs, specificationOf, type OutputReader } from "./task-inputs.js";
