import { existsSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { SearchKind, Study, StudyLimits, StudySpecInput } from "@regnet/study";
import { type Command, Option } from "commander";
import { fitLatencyOf, parseLatencyLimit } from "../../latency.js";
import { formatQuantity, parseCount, parseRange, type Range } from "../../quantities.js";
import { nameOrDocument, readDocument } from "./document.js";
import { percent, print, printJson, say } from "./format.js";

interface Flags {
  spec?: string;
  name?: string;
  task?: "train" | "simulate";
  space?: string;
  trials?: number;
  seed?: number;
  data?: string;
  recipe?: string;
  search?: "random" | SearchKind;
  res?: number;
  epochs?: number;
  batch?: number;
  engine?: "onednn" | "onnxruntime";
  precision?: "fp32" | "bf16";
  keepWeights?: boolean;
  flops?: Range;
  params?: Range;
  acts?: Range;
  stages?: Range;
  depth?: Range;
  latency?: Range;
  memory?: Range;
  json?: boolean;
}

const LIMITS = ["flops", "params", "acts", "stages", "depth", "memory"] as const;

/** `regnet study new` */
export function registerNew(study: Command): void {
  const count = (name: string, least?: number) => (text: string) => parseCount(text, name, least);
  const command = study
    .command("new")
    .description("Make a study's folder and sample its population.")
    .argument("<folder>", "where the study is to be")
    .option("--spec <file>", "a study document (.json, .yaml); the options below change it")
    .option("--name <text>", "for people and reports (default: the folder's)")
    .option("--space <space>", "a design space's name, or its .json or .yaml file (default: RegNetX)")
    .option("--data <folder|name>", "the images (default: shapes)")
    .option("--recipe <recipe>", "a recipe's name, or its .json or .yaml file (default: dds)")
    .addOption(
      new Option("--search <name>", "how networks are chosen (default: random, each apart from all others)").choices([
        "random",
        "evolution",
        "tpe",
        "halving",
        "asha",
      ]),
    )
    .option("-n, --trials <n>", "trainings (default: 32; halving: one bracket)", count("--trials"))
    .option("--epochs <n>", "epochs of every trial (default: 10)", count("--epochs"))
    .option("--res <n>", "pixels a side (default: 32)", count("--res"))
    .option("--batch <n>", "images a step (default: 128)", count("--batch"))
    .option("--seed <n>", "of sampling and training (default: 0)", count("--seed", 0))
    .addOption(new Option("--engine <name>", "default: the fastest here").choices(["onednn", "onnxruntime"]))
    .addOption(new Option("--precision <name>", "default: fp32").choices(["fp32", "bf16"]))
    .option("--keep-weights", "keep the best weights of every trial, not only its numbers")
    .addOption(
      new Option("--task <name>", "simulate: make up the results, to try things out").choices(["train", "simulate"]),
    )
    .option("--json", "print the study as JSON");
  for (const name of LIMITS) {
    command.option(`--${name} <range>`, `limit: A..B, A.., ..B or A±5%`, (text: string) =>
      parseRange(text, `--${name}`),
    );
  }
  command
    .option("--latency <ms|range>", "limit on this device, predicted: 2ms, 1ms..2ms", parseLatencyLimit)
    .addHelpText("after", EXAMPLES)
    .action(makeStudy);
}

async function makeStudy(folder: string, flags: Flags): Promise<void> {
  const document = await documentOf(folder, flags);
  const { newStudy, spaceSampler } = await import("@regnet/study/study");
  const study = await newStudy(folder, await withLatency(await withData(document)), spaceSampler(), say);
  if (flags.json) printJson({ folder: study.folder, spec: study.spec, sampled: study.sampled });
  else describe(study);
}

async function documentOf(folder: string, flags: Flags): Promise<Omit<StudySpecInput, "version">> {
  const { version: _, ...file } = flags.spec
    ? await readDocument(flags.spec, "study")
    : ({} as Record<string, unknown>);
  const base = { name: basename(resolve(folder)), space: "RegNetX", trials: 32, ...file } as Omit<
    StudySpecInput,
    "version"
  >;
  const { name, task, trials, seed, epochs, batch, engine, precision, res } = flags;
  const given = { name, task, trials, seed, epochs, batch, engine, precision, resolution: res };
  return {
    ...base,
    ...present(given),
    ...(flags.space && { space: await nameOrDocument(flags.space, "space") }),
    ...(flags.recipe && { recipe: await nameOrDocument(flags.recipe, "recipe") }),
    ...(flags.data && { data: flags.data }),
    ...(flags.keepWeights && { weights: "best" }),
    ...(await searchOf(flags, base)),
    limits: {
      ...base.limits,
      ...(present(Object.fromEntries([...LIMITS, "latency" as const].map((key) => [key, flags[key]]))) as StudyLimits),
    },
  };
}

/** The search that was asked for, with what it cannot do without. */
async function searchOf(
  { search, trials, epochs = 10 }: Flags,
  base: Partial<StudySpecInput>,
): Promise<Partial<StudySpecInput>> {
  if (search === undefined) return {};
  if (search === "random") return { search: undefined };
  const { bracketTrials, searchSchema } = await import("@regnet/study/study");
  const document = searchSchema.parse(base.search?.kind === search ? base.search : { kind: search });
  const keeps = document.kind === "halving" || document.kind === "asha";
  return {
    search: document,
    ...(keeps && { weights: "state" as const }),
    ...(document.kind === "halving" && trials === undefined && { trials: bracketTrials(document, epochs) }),
  };
}

/**
 * Opens the images, whose channels and classes the networks need, and makes a folder's path absolute. Looks at the recipe,
 * too: once the study has started, it can no longer be mended.
 */
async function withData(document: Omit<StudySpecInput, "version">): Promise<Omit<StudySpecInput, "version">> {
  if (document.task === "simulate") return document;
  const { data = "shapes", resolution = 32 } = document;
  const place = existsSync(data) && statSync(data).isDirectory() ? resolve(data) : data;
  const { openDataSet, readRecipe } = await import("@regnet/train");
  if (document.recipe !== undefined) await readRecipe(document.recipe);
  const { channels, classes, notes } = await openDataSet(place, { resolution });
  for (const note of notes) say(`note: ${note}`);
  return { ...document, data: place, channels, classes: classes.length };
}

/** Fits what predicts latency on this device, where it is limited and the document does not bring a model. */
async function withLatency(document: Omit<StudySpecInput, "version">): Promise<Omit<StudySpecInput, "version">> {
  const { limits = {}, latencyModel, seed = 0, resolution = 32, channels = 3, classes = 10 } = document;
  if (!limits.latency || latencyModel) return document;
  const { spaceOf } = await import("@regnet/study/study");
  const { flops, stages, depth, latency } = limits;
  const input = { resolution, channels, classes };
  const { model } = await fitLatencyOf(spaceOf(document), input, { flops, stages, depth }, { seed, most: latency.max });
  return { ...document, latencyModel: model };
}

function describe({ folder, spec, sampled }: Study): void {
  const space = typeof spec.space === "string" ? spec.space : (spec.space.name ?? "a space of its own");
  const found = sampled?.trials === 1 ? "1 network" : `${sampled?.trials} networks`;
  const more = sampled?.toCome ? `, ${sampled.toCome} trainings more to be chosen by ${spec.search?.kind}` : "";
  print(`${spec.name}: ${found} of ${space}${more}, in ${folder}`);
  if (sampled) {
    const { drawn, rejected } = sampled.acceptance;
    const reasons = Object.entries(rejected).sort(([, a], [, b]) => b - a);
    const shares = reasons.map(([reason, n]) => `${reason} ${percent(n / drawn)}`).join(", ");
    print(`drawn ${formatQuantity(drawn)}${shares && `, dropped: ${shares}`}`);
  }
  print(`run it with: regnet study run ${folder}`);
}

function present<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

const EXAMPLES = `
Examples:
  regnet study new c10 --data ./cifar10 --space AnyNetXA --flops 8M..12M --trials 60
  regnet study new quick --space RegNetX-small --latency ..1ms --memory ..2M
  regnet study new evolved --data ./cifar10 --flops 8M..12M --search evolution --trials 60
  regnet study new mine --spec study.yaml --seed 1
  regnet study new try --task simulate --trials 1000`;
