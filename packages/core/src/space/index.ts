export { type CodedNetwork, NetworkCoder } from "./coder.js";
export type { Distribution } from "./distribution.js";
export { type LimitedQuantity, type LimitRange, limitedQuantities, type PopulationLimits } from "./limits.js";
export { findSpace, spaces } from "./named/index.js";
export { distributionOf, type ParameterName } from "./parameter.js";
export { parseSpace, parseSpaceText } from "./parse.js";
export { PopulationSampler } from "./populationSampler.js";
export {
  type DrawOptions,
  type Population,
  type PopulationAcceptance,
  type PopulationNetwork,
  type PopulationOptions,
  samplePopulation,
} from "./sample.js";
export { findSampler, type SampledRange, type SamplerDefinition, samplers } from "./samplers.js";
export {
  type AnyNetSpace,
  type ComplexityBound,
  type ConvNeXtSpace,
  type ParameterSampler,
  type RegNetSpace,
  type SpaceDocument,
  spaceJsonSchema,
  spaceSchema,
} from "./schema.js";
export { publishedSizes, spaceSize } from "./size.js";
