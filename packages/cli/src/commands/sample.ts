import {
  type PopulationOptions,
  publishedSizes,
  type SpaceDocument,
  spaceJsonSchema,
  spaceSize,
  spaces,
} from "@regnet/core";
import type { Command } from "commander";
import { UsageError } from "../errors.js";
import { fitLatencyOf, parseLatencyLimit } from "../latency.js";
import { addInputOptions, type ModelFlags, networkOptions } from "../model.js";
import { parseCount, parseRange, type Range } from "../quantities.js";
import { drawPopulation } from "../sample/draw.js";
import { chooseSpace } from "../sample/space.js";
import { formatSpace, formatSpaces } from "../sample/spaces.js";
import { formatPopulation } from "../sample/text.js";

interface Flags extends Pick<ModelFlags, "res" | "classes" | "channels"> {
  count: number;
  seed: number;
  flops?: Range;
  params?: Range;
  acts?: Range;
  stages?: Range;
  depth?: Range;
  latency?: Range;
  patience?: number;
  list?: boolean;
  show?: boolean;
  schema?: boolean;
  lines?: boolean;
  json?: boolean;
}

export function register(program: Command): void {
  const command = program
    .command("sample")
    .summary("networks of a design space under limits")
    .description("Draws networks from a design space, no two the same, every one within the limits.")
    .argument("[space]", "a name (see --list), or a space's .yaml or .json file")
    .option("-n, --count <n>", "networks", (text) => parseCount(text, "--count"), 10)
    .option("--seed <n>", "the same seed draws the same networks", (text) => parseCount(text, "--seed", 0), 0)
    .option("--flops <range>", "multiply-adds of an image, such as 190M..210M or 200M±5%", range("--flops"))
    .option("--params <range>", "parameters", range("--params"))
    .option("--acts <range>", "activations, as the paper counts them", range("--acts"))
    .option("--stages <range>", "number of stages, such as 4 or 3..4", range("--stages"))
    .option("--depth <range>", "number of blocks", range("--depth"))
    .option(
      "--latency <ms|range>",
      "milliseconds an image on this device, predicted: 2ms, 1ms..2ms",
      parseLatencyLimit,
    );
  addInputOptions(command)
    .option("--patience <n>", "draws in a row without a new network before it gives up (default: 1M)", (text) =>
      parseCount(text, "--patience"),
    )
    .option("--list", "list the spaces that have a name, with their sizes")
    .option("--show", "show how the space draws its parameters instead")
    .option("--schema", "print the JSON Schema of a space's file, for editors")
    .option("--lines", "a network a line, as JSON")
    .option("--json", "for machines")
    .addHelpText("after", EXAMPLES)
    .action(sample);
}

async function sample(name: string | undefined, flags: Flags): Promise<void> {
  if (flags.list) return print(flags.json ? JSON.stringify(spaceList(), null, 2) : formatSpaces());
  if (flags.schema) return print(JSON.stringify(spaceJsonSchema(), null, 2));
  if (name === undefined) throw new UsageError("missing space; give a name such as RegNetX, or --list to see them");
  const space = await chooseSpace(name);
  if (flags.show) return print(flags.json ? JSON.stringify(space, null, 2) : formatSpace(space));
  const population = await drawPopulation(space, await optionsOf(space, flags));
  if (flags.lines) print(population.networks.map((network) => JSON.stringify(network)).join("\n"));
  else if (flags.json) print(JSON.stringify({ space, ...population }, null, 2));
  else print(formatPopulation(space, population));
}

async function optionsOf(space: SpaceDocument, flags: Flags): Promise<PopulationOptions> {
  const { count, seed, patience, flops, params, acts, stages, depth, latency, ...input } = flags;
  const options = { count, seed, patience, limits: { flops, params, acts, stages, depth }, ...networkOptions(input) };
  if (!latency) return options;
  const network = networkOptions(input);
  const { model } = await fitLatencyOf(space, network, options.limits, { seed, most: latency.max });
  const { acceptWithin } = await import("@regnet/study");
  return { ...options, accept: acceptWithin({ latency }, network, model) };
}

function spaceList(): (SpaceDocument & { settings: number; table1?: number })[] {
  return spaces.map((space) => ({ ...space, settings: spaceSize(space), table1: publishedSizes[space.name] }));
}

/** A range, or a single number for just that. */
function range(option: string): (text: string) => Range {
  return (text) => {
    if (!/^\d+$/.test(text) || (option !== "--stages" && option !== "--depth")) return parseRange(text, option);
    return { min: Number(text), max: Number(text) };
  };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

const EXAMPLES = `
Examples:
  regnet sample --list
  regnet sample RegNetX -n 5 --flops 190M..210M
  regnet sample RegNetY-constrained -n 32 --seed 7 --flops 400M±5% --params ..6M
  regnet sample RegNetX-small --res 32 --classes 10 --flops 8M..12M --stages 3 --json
  regnet sample RegNetX-constrained -n 5 --flops 300M..500M --latency ..4ms
  regnet sample AnyNetXE --show
  regnet sample ./space.yaml -n 100 --lines > networks.jsonl

A space's file gives how each parameter is drawn; docs/spaces.md has its schema.`;
