export { type ContactSheetOptions, contactSheet } from "./contactSheet.js";
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
  SubsetRule,
} from "./dataSet.js";
export { type DecodeOptions, decodeImage } from "./decode.js";
export { type DuplicateGroup, findDuplicates, type Place } from "./duplicates.js";
export type { Image } from "./image.js";
export { defaultCacheDirectory, namedDataSets, openDataSet } from "./open.js";
export { assertTrainable, heldOut, openHandle } from "./packedDataSet.js";
export { Random } from "./random.js";
export { type IdxArray, parseIdx, readIdx } from "./sources/idx.js";
export { subsetOf } from "./subset.js";
