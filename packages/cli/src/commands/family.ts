import { type FamilyOptions, familyFor, unknown } from "@regnet/core";
import type { Command } from "commander";
import { Option } from "commander";
import { UsageError } from "../errors.js";
import { formatFamily } from "../family/text.js";
import { addInputOptions, type ModelFlags, networkOptions } from "../model.js";
import { parseNumber, parseQuantities } from "../quantities.js";

interface Flags extends Pick<ModelFlags, "res" | "classes" | "channels" | "stem"> {
  flops?: number[];
  space: string;
  rule?: "published" | "small";
  tolerance?: number;
  json?: boolean;
}

const SPACES = ["RegNetX", "RegNetY"] as const;

export function register(program: Command): void {
  const command = program
    .command("family")
    .summary("a network per budget by the rule's trends, without training")
    .description("Picks a network for each budget by known trends, and says why. Nothing is trained.")
    .option("--flops <list>", "budgets: multiply-adds of an image, such as 10M,50M,200M", (text) =>
      parseQuantities(text, "--flops"),
    )
    .option("--space <name>", "RegNetX, or RegNetY for squeeze-excitation", "RegNetX")
    .addOption(
      new Option(
        "--rule <name>",
        "whose trends (default: small below the published budgets, of 200M flops at 224 pixels)",
      ).choices(["published", "small"]),
    )
    .option("--tolerance <x>", "farthest from the budget, as a share of it (default: 0.02)", (text) =>
      parseNumber(text, "--tolerance"),
    );
  addInputOptions(command)
    .addOption(
      new Option("--stem <name>", "default: simple, up to 64 pixels a side cifar").choices([
        "simple",
        "cifar",
        "patchify",
      ]),
    )
    .option("--json", "for machines")
    .addHelpText("after", EXAMPLES)
    .action(family);
}

function family({ flops, space, rule, tolerance, stem, json, ...input }: Flags): void {
  if (flops === undefined) throw new UsageError("missing --flops; give the budgets, such as --flops 10M,50M,200M");
  const options: FamilyOptions = { space: spaceOf(space), rule, tolerance, stem, ...networkOptions(input) };
  const members = familyFor(flops, options);
  process.stdout.write(`${json ? JSON.stringify(members, null, 2) : formatFamily(members)}\n`);
}

function spaceOf(name: string): (typeof SPACES)[number] {
  const space = SPACES.find((known) => known.toLowerCase() === name.toLowerCase());
  if (!space) throw unknown("space", name, SPACES);
  return space;
}

const EXAMPLES = `
Examples:
  regnet family --flops 10M,50M,200M
  regnet family --flops 400M,1.6G --space regnety --json
  regnet family --flops 3M,10M --res 32 --classes 10`;
