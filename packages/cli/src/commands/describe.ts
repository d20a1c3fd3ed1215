import { buildModel, describe, graphToJson, printGraph } from "@regnet/core";
import type { Command } from "commander";
import { describeLines } from "../describe/batch.js";
import { formatDescription } from "../describe/text.js";
import { UsageError } from "../errors.js";
import { addModelOptions, type ChosenModel, chooseModel, type ModelFlags } from "../model.js";

interface Flags extends ModelFlags {
  batch?: boolean;
  graph?: boolean;
  json?: boolean;
}

export function register(program: Command): void {
  addModelOptions(program.command("describe"))
    .summary("stages, widths and complexity of a network")
    .description("Shows the stages of a network, what they cost, and the widths the rule makes of its parameters.")
    .option("--graph", "print every operation instead")
    .option("--batch", "read RegNets as JSON lines from the standard input, write JSON lines")
    .option("--json", "for machines")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(name: string | undefined, flags: Flags): Promise<void> {
  if (flags.batch) return describeBatch(name, flags);
  const model = await chooseModel(name, flags);
  process.stdout.write(`${flags.graph ? graphText(model, flags) : descriptionText(model, flags)}\n`);
}

function graphText({ spec, options }: ChosenModel, { json }: Flags): string {
  const graph = buildModel(spec, options);
  return json ? JSON.stringify(graphToJson(graph)) : printGraph(graph);
}

function descriptionText({ name, spec, options }: ChosenModel, { json }: Flags): string {
  const description = describe(name ?? spec, options);
  return json ? JSON.stringify(description, null, 2) : formatDescription(description, process.stdout.columns ?? 80);
}

async function describeBatch(name: string | undefined, { batch, ...rest }: Flags): Promise<void> {
  const [other] = Object.keys(rest).filter((flag) => flag !== "json");
  if (name !== undefined || other)
    throw new UsageError("invalid --batch: the networks come from the standard input alone");
  if (process.stdin.isTTY) process.stderr.write("reading JSON lines; end with Ctrl-D\n");
  await describeLines(process.stdin, process.stdout);
}

const EXAMPLES = `
Examples:
  regnet describe RegNetX-400MF
  regnet describe regnety_016 --res 128 --classes 10
  regnet describe --w0 24 --wa 36.44 --wm 2.49 --depth 13 --group-width 8
  regnet describe RegNetX-200MF --group-width 16 --stem cifar --res 32
  regnet describe convnext_tiny --graph
  regnet describe RegNetX-200MF --json | jq .flops
  echo '{"w0":24,"wa":36.44,"wm":2.49,"depth":13,"groupWidth":8}' | regnet describe --batch

Each line for --batch is an object with w0, wa, wm, depth, groupWidth and, if wanted, bottleneck (1), se (0), res (224),
classes (1000) and convention (pycls). Each gives a line with widths, depths, groupWidths, params, flops and acts, or
with error.`;
