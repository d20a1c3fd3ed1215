export { parseDocument } from "./document.js";
export { closest, type ErrorCode, invalid, missing, RegnetError, unknown } from "./errors.js";
export { type AnyNetSpec, type AnyNetStage, anynet, type Stem } from "./families/anynet.js";
export { buildModel, modelSpec } from "./families/build.js";
export { type ConvNeXtSpec, convnext } from "./families/convnext.js";
export { AnyNetCounter, type CountedBody } from "./families/count.js";
export { type Body, countModel, RegNetCounter } from "./families/countModel.js";
export { describe, type ModelDescription } from "./families/describe.js";
export { LineDescriber } from "./families/describeLine.js";
export * from "./families/family/index.js";
export { type CountedInput, countedInput, type NetworkOptions } from "./families/input.js";
export {
  type AnyNetModel,
  type ConvNeXtModel,
  type ModelSpec,
  modelSpecSchema,
  parseModelSpec,
  type RegNetModel,
} from "./families/model.js";
export {
  findModel,
  modelNames,
  type PublishedFacts,
  type PublishedModel,
  publishedModels,
} from "./families/published/index.js";
export { type RegNetOptions, regnet, regnetSpec } from "./families/regnet.js";
export { backward, type Gradients } from "./graph/backward.js";
export { GraphBuilder } from "./graph/builder.js";
export {
  type Complexity,
  complexityOf,
  type GraphComplexity,
  type PartComplexity,
  partsOf,
  weightBytes,
} from "./graph/complexity.js";
export {
  type AdamwOptimiser,
  type DifferentiateOptions,
  differentiate,
  type Loss,
  type Optimiser,
  type SgdOptimiser,
} from "./graph/differentiate.js";
export { foldBatchNorm, type WeightedGraph } from "./graph/foldBatchNorm.js";
export {
  type Attribute,
  type Attributes,
  findParameter,
  type Graph,
  type GraphNode,
  type Initialiser,
  type NamedValue,
  type Parameter,
  type ParameterRole,
  type Shape,
  type StateUpdate,
  sameShape,
  size,
  type Value,
} from "./graph/graph.js";
export { initialise, type Tensors } from "./graph/initialise.js";
export { type GraphJson, graphFromJson, graphToJson } from "./graph/json.js";
export { peakActivationBytes } from "./graph/liveness.js";
export {
  attributesOf,
  type Cost,
  type OnnxAttribute,
  type OnnxScope,
  type OpDefinition,
  type OpScope,
} from "./graph/op.js";
export * as op from "./graph/ops/index.js";
export { opDefinition, ops } from "./graph/ops/index.js";
export { printGraph } from "./graph/print.js";
export { prune } from "./graph/prune.js";
export { type BatchStatistics, statisticsGraph, type TrainingForward, trainingForward } from "./graph/training.js";
export { validateGraph } from "./graph/validate.js";
export {
  type ActivationRange,
  ONNX_OPSET,
  type OnnxOptions,
  type OnnxSummary,
  type OnnxTensor,
  type QuantisedOnnxOptions,
  quantisedValues,
  readOnnx,
  readOnnxWeights,
  toOnnx,
  toQuantisedOnnx,
} from "./onnx/index.js";
export { below, type Random, randomFor, uniform } from "./random/random.js";
export { bottleneckWidth, fitGroups, multiplierOf } from "./rule/groups.js";
export { type Convention, type RegNetParameters, validateParameters, WIDTH_QUANTUM } from "./rule/parameters.js";
export { roundHalfEven } from "./rule/rounding.js";
export { type Adjustment, applyRule, type RuleResult, type StageTable } from "./rule/rule.js";
export { StageBuffer } from "./rule/stages.js";
export * from "./space/index.js";
export { type BestOf, bestOfK } from "./stats/bestOf.js";
export {
  type BootstrapOptions,
  type BootstrapRange,
  bootstrapBest,
  bootstrapRange,
  rangeOf,
} from "./stats/bootstrap.js";
export { type BinOptions, complexityWeights } from "./stats/complexityWeights.js";
export { type BandOptions, bootstrapBand, dkwBand, type Edf, type EdfBand, edf, edfAt } from "./stats/edf.js";
export { type KsResult, ksTest } from "./stats/kolmogorovSmirnov.js";
export { type LinearFit, leastSquares } from "./stats/leastSquares.js";
export { paretoFront } from "./stats/pareto.js";
export { ascending, quantile } from "./stats/quantile.js";
export { blockWidths, fitQuantisedLinear, type QuantisedLinearFit } from "./stats/quantisedLinear.js";
export {
  type Dtype,
  type ExportedFile,
  type ExportFormat,
  type ExportTarget,
  exportFormats,
  exportNetwork,
  exportWeights,
  type ImportedWeights,
  type ImportOptions,
  importWeights,
  type LoaderNetwork,
  type LoaderOptions,
  loaderScript,
  type Naming,
  type NetworkToExport,
  readSafetensors,
  readTorch,
  readWeights,
  type Safetensors,
  type StoredTensor,
  type TensorData,
  type TensorToStore,
  toFloat32,
  writeSafetensors,
} from "./weights/index.js";
export { parseYaml } from "./yaml.js";
