export type {
  BuildProgress,
  ChannelStatistics,
  DataSet,
  DataSetHandle,
  ImageSize,
  OpenOptions,
  SkippedFile,
  Split,
  SplitName,
  SplitRule,
} from "./dataSet.js";
export type { Image } from "./image.js";
