export { ONNX_OPSET, type OnnxOptions, toOnnx } from "./toOnnx.js";
