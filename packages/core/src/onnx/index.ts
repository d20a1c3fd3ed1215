export { type ActivationRange, type QuantisedOnnxOptions, quantisedValues, toQuantisedOnnx } from "./quantise.js";
export { type OnnxSummary, type OnnxTensor, readOnnx } from "./readOnnx.js";
export { readOnnxWeights } from "./readWeights.js";
export { ONNX_OPSET, type OnnxOptions, toOnnx } from "./toOnnx.js";
