/**
 * regnet as a library: design, train and use convolutional networks from a program.
 *
 * ```ts
 * import { load, train } from "regnet";
 *
 * const run = await train({ model: "RegNetX-200MF", data: "./photos", folder: "runs/photos", time: 600 });
 * const network = await load(run.folder);
 * console.log(await network.classify("cat.jpg"));
 * ```
 *
 * @packageDocumentation
 */

export type { Random } from "@regnet/core";
export * from "@regnet/core";
export { type Availability, chooseEngine, type Engine, type EngineId, engines, type Precision } from "@regnet/engine";
export type { LoaderOptions } from "@regnet/train";
export * from "@regnet/train";
