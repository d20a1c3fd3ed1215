export {
  type ExportedFile,
  type ExportFormat,
  type ExportTarget,
  exportFormats,
  exportNetwork,
  type NetworkToExport,
} from "./exportNetwork.js";
export { exportWeights } from "./exportWeights.js";
export { type ImportedWeights, type ImportOptions, importWeights } from "./importWeights.js";
export type { Naming } from "./names/naming.js";
export { type LoaderNetwork, type LoaderOptions, loaderScript } from "./pytorch/loaderScript.js";
export { readSafetensors, type Safetensors } from "./readSafetensors.js";
export { readWeights } from "./readWeights.js";
export { type Dtype, type StoredTensor, type TensorData, toFloat32 } from "./tensor.js";
export { readTorch } from "./torch/readTorch.js";
export { type TensorToStore, writeSafetensors } from "./writeSafetensors.js";
