import { readFile, stat } from "node:fs/promises";
import { findModel, type ModelSpec, type NetworkOptions, parseModelSpec, type RegNetModel } from "@regnet/core";
import { Argument, type Command, Option } from "commander";
import { UsageError } from "./errors.js";
import { optionName } from "./optionName.js";
import { parseCount, parseNumber } from "./quantities.js";

/** Options that every command with a MODEL has, as commander parses them. */
export interface ModelFlags {
  w0?: number;
  wa?: number;
  wm?: number;
  depth?: number;
  groupWidth?: number;
  bottleneck?: number;
  se?: number;
  convention?: "pycls" | "torchvision";
  stem?: "simple" | "cifar" | "patchify";
  stemWidth?: number;
  activation?: "relu" | "silu";
  res?: readonly [number, number];
  classes?: number;
  channels?: number;
}

/** A model as the command line names it. */
export interface ChosenModel {
  /** The published name, when it was given by name and nothing was changed. */
  readonly name?: string;
  readonly spec: ModelSpec;
  /** Input size, channels and classes, where given. */
  readonly options: NetworkOptions;
}

const MODEL_FILE_LIMIT = 1 << 20;

/** Adds `[model]`, the rule's parameters and the input's size to a command. */
export function addModelOptions(command: Command): Command {
  return addInputOptions(
    addRuleOptions(
      command.addArgument(
        new Argument(
          "[model]",
          "a published name (RegNetX-400MF, regnet_y_400mf, convnext_tiny) or a model's .json file",
        ),
      ),
    ),
  );
}

/** Adds the options that give a RegNet by its parameters, or change those of a named one. */
export function addRuleOptions(command: Command): Command {
  const number = (name: string) => (text: string) => parseNumber(text, name);
  const count = (name: string) => (text: string) => parseCount(text, name);
  return command
    .option("--w0 <n>", "initial width, a multiple of 8", count("--w0"))
    .option("--wa <x>", "slope of the widths", number("--wa"))
    .option("--wm <x>", "width multiplier between stages", number("--wm"))
    .option("--depth <n>", "number of blocks", count("--depth"))
    .option("--group-width <n>", "channels a group of the 3×3 convolutions", count("--group-width"))
    .option("--bottleneck <x>", "width ÷ bottleneck width (default: 1)", number("--bottleneck"))
    .option("--se <x>", "squeeze-excitation ratio (default: 0, off)", number("--se"))
    .addOption(new Option("--convention <name>", "whose rounding (default: pycls)").choices(["pycls", "torchvision"]))
    .addOption(new Option("--stem <name>", "default: simple").choices(["simple", "cifar", "patchify"]))
    .option("--stem-width <n>", "channels of the stem (default: 32)", count("--stem-width"))
    .addOption(new Option("--activation <name>", "default: relu").choices(["relu", "silu"]));
}

/** Adds `--res`, `--classes` and `--channels`. */
export function addInputOptions(command: Command): Command {
  return command
    .option("--res <n|HxW>", "pixels a side (default: 224)", parseResolution)
    .option("--classes <n>", "default: 1000", (text) => parseCount(text, "--classes"))
    .option("--channels <n>", "channels of an image (default: 3)", (text) => parseCount(text, "--channels"));
}

/**
 * The model that the argument and the options name: a published one, a model's JSON file, or a RegNet by its
 * parameters. Parameters beside a RegNet's name change it.
 *
 * @throws UsageError when there is neither, or when a parameter does not apply
 */
export async function chooseModel(model: string | undefined, flags: ModelFlags): Promise<ChosenModel> {
  const options = networkOptions(flags);
  const changes = ruleFlags(flags);
  if (model === undefined) return { spec: ruleModel(changes), options };
  const known = model.endsWith(".json") ? { spec: await readModel(model), name: undefined } : findModel(model);
  if (!givesRule(flags)) return { name: known.name, spec: known.spec, options };
  return { spec: changeModel(known.spec, changes, model), options };
}

/** Input size, channels and classes from the options; what is not given stays undefined. */
export function networkOptions({ res, classes, channels }: ModelFlags): NetworkOptions {
  return Object.fromEntries(
    Object.entries({ resolution: res, classes, channels }).filter(([, value]) => value !== undefined),
  );
}

/** `224` or `224x160` as [height, width]. */
export function parseResolution(text: string): readonly [number, number] {
  const sides = text.split(/[x×]/i).map((side) => parseCount(side, "--res"));
  if (sides.length > 2) throw new UsageError(`invalid --res: got "${text}", expected a side, or height x width`);
  return [sides[0], sides[1] ?? sides[0]];
}

/** Whether any option gives or changes a RegNet. */
export function givesRule(flags: ModelFlags): boolean {
  return Object.keys(ruleFlags(flags)).length > 0;
}

type RuleFlags = Omit<ModelFlags, "res" | "classes" | "channels">;

function ruleFlags({ res, classes, channels, ...rest }: ModelFlags): RuleFlags {
  const { w0, wa, wm, depth, groupWidth, bottleneck, se, convention, stem, stemWidth, activation } = rest;
  const flags = { w0, wa, wm, depth, groupWidth, bottleneck, se, convention, stem, stemWidth, activation };
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}

function ruleModel(flags: RuleFlags): RegNetModel {
  const { w0, wa, wm, depth, groupWidth, ...rest } = flags;
  const needed = { "--w0": w0, "--wa": wa, "--wm": wm, "--depth": depth, "--group-width": groupWidth };
  const missing = Object.entries(needed).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (missing.length === Object.keys(needed).length) {
    throw new UsageError("missing model; give a name such as RegNetX-400MF, or --w0 --wa --wm --depth --group-width");
  }
  if (missing.length > 0) throw new UsageError(`missing ${missing.join(", ")}; a RegNet needs all five parameters`);
  return parseModelSpec({ family: "regnet", ...rest, w0, wa, wm, depth, groupWidth }) as RegNetModel;
}

function changeModel(spec: ModelSpec, changes: RuleFlags, model: string): ModelSpec {
  if (spec.family === "regnet") return parseModelSpec({ ...spec, ...changes });
  const { stem, ...rest } = changes;
  const [other] = Object.keys(rest);
  if (other) throw new UsageError(`${optionName(other)} does not apply to ${model}, which is no RegNet`);
  return parseModelSpec({ ...spec, stem });
}

async function readModel(path: string): Promise<ModelSpec> {
  if ((await stat(path)).size > MODEL_FILE_LIMIT) throw new UsageError(`invalid model: ${path} is larger than 1 MiB`);
  const text = await readFile(path, "utf8");
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`invalid model: ${path} is no JSON (${(error as Error).message})`);
  }
  return parseModelSpec(document);
}
