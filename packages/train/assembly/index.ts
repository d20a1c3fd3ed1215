export { adjust, lumaSum, saturate, turnHue } from "./colour";
export { normalise } from "./normalise";
export { axisBytes, resample, writeAxis } from "./resample";
export { shift } from "./shift";
