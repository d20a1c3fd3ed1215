import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import type { DataSet } from "@regnet/train";
import type { Command } from "commander";
import { dataFacts } from "../data/facts.js";
import { dataProgressText } from "../data/progress.js";
import { formatFacts } from "../data/text.js";
import { UsageError } from "../errors.js";
import { LiveLine } from "../liveLine.js";
import { parseCount, parseNumber } from "../quantities.js";

interface Flags {
  res?: number;
  grey?: boolean;
  valFraction?: number;
  seed?: number;
  output?: string;
  all?: boolean;
  json?: boolean;
}

export function register(program: Command): void {
  const data = program
    .command("data")
    .summary("look at a data set")
    .description("Looks at a data set before something is trained on it.")
    .addHelpText("after", EXAMPLES);
  data
    .command("show")
    .argument("<source>", "a folder of class folders, IDX or CIFAR files, a .tar.gz, or fashion-mnist, shapes")
    .summary("classes, counts, sizes, duplicates, unreadable files")
    .description("Shows classes, counts and sizes, images that occur twice, and files that cannot be read.")
    .option("--res <n>", "side the network will see; the images are kept for it (default: 224)", (text) =>
      parseCount(text, "--res"),
    )
    .option("--grey", "keep one channel (default: colour, or what the format has)")
    .option("--val-fraction <x>", "share held out where there is no val/ (default: 0.2)", parseFraction)
    .option("--seed <n>", "of that division (default: 0)", (text) => parseCount(text, "--seed", 0))
    .option("-o, --output <file.png>", "write a contact sheet")
    .option("--all", "list everything, not just the first ten")
    .option("--json", "for machines")
    .addHelpText("after", EXAMPLES)
    .action(show);
}

async function show(source: string, flags: Flags): Promise<void> {
  if (flags.output && !/\.png$/i.test(flags.output))
    throw new UsageError(`invalid -o: got "${flags.output}", expected a name that ends in .png`);
  const dataSet = await openShowing(source, flags);
  const facts = await dataFacts(dataSet);
  process.stdout.write(`${flags.json ? JSON.stringify(facts, null, 2) : formatFacts(facts, flags.all === true)}\n`);
  if (flags.output) await writeSheet(dataSet, flags.output, flags.json === true);
}

async function openShowing(source: string, { res, grey, valFraction, seed }: Flags): Promise<DataSet> {
  const { openDataSet } = await import("@regnet/train");
  const line = new LiveLine();
  try {
    return await openDataSet(source, {
      resolution: res,
      channels: grey ? 1 : undefined,
      valFraction,
      seed,
      onProgress: (progress) => line.show(dataProgressText(progress)),
    });
  } finally {
    line.end();
  }
}

async function writeSheet(dataSet: DataSet, path: string, quiet: boolean): Promise<void> {
  const { contactSheet } = await import("@regnet/train");
  const png = await contactSheet(dataSet);
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, "wx");
    await file.writeFile(png);
    await file.sync();
    await file.close();
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  if (!quiet) process.stdout.write(`contact sheet: ${path}\n`);
}

function parseFraction(text: string): number {
  const value = parseNumber(text, "--val-fraction");
  if (value < 0 || value >= 1)
    throw new UsageError(`invalid --val-fraction: got "${text}", expected a share from 0 up to, not including, 1`);
  return value;
}

const EXAMPLES = `
Examples:
  regnet data show ./photos                    class folders, with or without train/ and val/
  regnet data show ./photos -o sheet.png       a few images of every class in one picture
  regnet data show fashion-mnist
  regnet data show cifar-10-binary.tar.gz --res 32
  regnet data show ./photos --json | jq '.skipped'`;
