import { type Graph, RegnetError, unknown } from "@regnet/core";
import type { CompileOptions } from "../engine.js";
import { startingValues } from "../startingState.js";
import { chooseThreads } from "../threads.js";
import type { Dnn } from "./binding/dnn.js";
import { DnnExecutable } from "./executable.js";
import { findFusions } from "./fuse/fusions.js";
import { generatorFor } from "./generated/generatorFor.js";
import { library } from "./library.js";
import { lowerGraph } from "./lower/index.js";
import { useThreads } from "./openmp.js";
import { layoutsFor } from "./plan/layouts.js";
import { Plan } from "./plan/plan.js";
import { expectSound } from "./soundness.js";

let sound: Dnn | undefined;
let refusal: unknown;

/**
 * The library, loaded and tried once a thread. oneDNN 2 is not tried: it was never seen to compute wrongly.
 *
 * @throws RegnetError when it is missing, broken or too old, or computes wrongly on this processor
 */
export function soundLibrary(): Dnn {
  if (refusal) throw refusal;
  sound ??= tried(library());
  return sound;
}

function tried(dnn: Dnn): Dnn {
  try {
    if (!dnn.version.startsWith("2.")) expectSound(dnn, (graph, options) => compileBy(dnn, graph, options, "library"));
    return dnn;
  } catch (error) {
    refusal = error;
    throw error;
  }
}

/** `onednn.compile`, at once. */
export function compileHere(graph: Graph, options: CompileOptions = {}): DnnExecutable {
  return compileBy(soundLibrary(), graph, options);
}

function compileBy(
  dnn: Dnn,
  graph: Graph,
  options: CompileOptions,
  kernels: "library" | "fastest" = "fastest",
): DnnExecutable {
  const valuesOf = startingValues(graph, options);
  const { precision = "fp32", state } = options;
  const threads = chooseThreads(options.threads);
  if (precision !== "fp32" && precision !== "bf16") throw unknown("precision", precision, ["fp32", "bf16"]);
  if (precision === "bf16" && !dnn.bf16) {
    throw new RegnetError(`unsupported precision bf16 on ${dnn.instructionSet}; use fp32`, "unsupported", "precision");
  }
  const threadNotes = useThreads(threads) && dnn.openmp ? [] : [withoutOpenMp(dnn, threads)];
  const fusions = findFusions(graph);
  const type = precision === "bf16" ? "bf16" : "f32";
  const layouts = layoutsFor(dnn, graph, type);
  const generator = kernels === "fastest" ? generatorFor(dnn, threads, layouts.channelBlock) : undefined;
  const plan = new Plan(dnn, graph, layouts, fusions, type, generator);
  try {
    const ports = lowerGraph(plan);
    const notes = [...threadNotes, ...expectFast(plan, options.acceptReference ?? [])];
    const executable = new DnnExecutable(plan, ports, threads, notes);
    try {
      start(executable, graph, valuesOf, state);
    } catch (error) {
      executable.dispose();
      throw error;
    }
    return executable;
  } finally {
    plan.dispose();
  }
}

function withoutOpenMp({ version }: Dnn, threads: number): string {
  return `threads (${threads}) cannot be set: oneDNN ${version} is built without OpenMP, or it was not found; the library takes as many as it likes`;
}

/** Loads one parameter at a time, and zeros that are not given not at all, since fresh memory is zero. */
function start(
  executable: DnnExecutable,
  graph: Graph,
  valuesOf: ReturnType<typeof startingValues>,
  state: CompileOptions["state"],
): void {
  for (const parameter of graph.parameters) {
    const { initial, name } = parameter;
    if (initial.kind === "constant" && initial.value === 0 && !state?.[name]) continue;
    executable.write(name, valuesOf(parameter));
  }
}

/** @throws RegnetError when a step runs on a reference kernel and its node is not accepted */
function expectFast({ references, dnn }: Plan, accepted: readonly string[]): string[] {
  const refused = references.filter(({ node }) => !accepted.includes(node));
  if (refused.length > 0) {
    const [{ node, op, kernel }] = refused;
    throw new RegnetError(
      `unsupported ${op} "${node}": oneDNN ${dnn.version} has only a slow reference kernel (${kernel}) for it; name the node in acceptReference to run it all the same`,
      "unsupported",
      node,
    );
  }
  return references.map(({ node, op, kernel }) => `${op} "${node}" runs on the reference kernel ${kernel}`);
}
