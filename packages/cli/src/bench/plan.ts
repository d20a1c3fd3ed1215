import { unknown } from "@regnet/core";
import { chooseEngine, type EngineId, engines, type Precision, type Workload } from "@regnet/engine";
import { UsageError } from "../errors.js";
import type { ChosenModel } from "../model.js";
import { parseCount } from "../quantities.js";

/** What is measured besides the models, as the options give it. */
export interface BenchFlags {
  readonly engine: string;
  readonly batch: string;
  readonly precision: string;
  readonly train?: boolean;
  readonly threads?: number;
  readonly provider?: Workload["provider"];
}

/** One line of the result: a workload under the name of its model. */
export interface PlannedWorkload {
  readonly name: string;
  readonly workload: Workload;
}

/**
 * Every combination of model, batch, engine and precision. Engines and precisions that this machine lacks are left
 * out of `all`, and refused where they are named.
 */
export function planWorkloads(models: readonly ChosenModel[], flags: BenchFlags): PlannedWorkload[] {
  const batches = list(flags.batch).map((text) => parseCount(text, "--batch"));
  const contestants = chosenEngines(flags.engine).flatMap((engine) =>
    chosenPrecisions(engine, flags).map((precision) => ({ engine, precision })),
  );
  return models.flatMap(({ name, spec, options }) =>
    batches.flatMap((batch) =>
      contestants.map((contestant) => ({
        name: name ?? spec.family,
        workload: { model: spec, options, batch, train: Boolean(flags.train), ...contestant, ...limits(flags) },
      })),
    ),
  );
}

function limits({ threads, provider }: BenchFlags) {
  return { threads, provider };
}

function chosenEngines(text: string): EngineId[] {
  if (text === "all") {
    const present = engines.filter((engine) => engine.probe().available).map(({ id }) => id);
    return present.length > 0 ? present : [chooseEngine("auto").id];
  }
  const known = ["all", "auto", ...engines.map(({ id }) => id)];
  const ids = list(text).map((name) => {
    if (!known.includes(name)) throw unknown("engine", name, known);
    return chooseEngine(name as EngineId | "auto").id;
  });
  return [...new Set(ids)];
}

function chosenPrecisions(engine: EngineId, { precision }: BenchFlags): readonly Precision[] {
  const found = engines.find(({ id }) => id === engine)?.probe();
  const native = found?.available ? found.precisions : [];
  if (precision === "all") return native;
  const wanted = list(precision);
  const stranger = wanted.find((name) => name !== "fp32" && name !== "bf16");
  if (stranger !== undefined) throw unknown("precision", stranger, ["fp32", "bf16", "all"]);
  return wanted as Precision[];
}

function list(text: string): string[] {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.some((part) => part === ""))
    throw new UsageError(`invalid list: got "${text}", expected values with commas between`);
  return parts;
}
