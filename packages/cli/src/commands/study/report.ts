import type { Command } from "commander";
import { Option } from "commander";
import { print, printJson } from "./format.js";

interface Flags {
  output?: string;
  lang?: "en" | "zh";
  json?: boolean;
}

/** `regnet study report` */
export function registerReport(study: Command): void {
  study
    .command("report")
    .description("Write what a study's finished trials say, as one HTML page that needs nothing else.")
    .argument("<folder...>", "the study; several are compared")
    .option("-o, --output <file>", "where to write it (default: report.html in the first study's folder)")
    .addOption(new Option("--lang <language>", "default: en").choices(["en", "zh"]))
    .option("--json", "print the analysis as JSON, and write no page unless -o is given")
    .addHelpText("after", EXAMPLES)
    .action(report);
}

async function report(folders: string[], { output, lang = "en", json }: Flags): Promise<void> {
  const { openStudy } = await import("@regnet/study/study");
  const { studyReport, writeReport } = await import("@regnet/study/report");
  const studies = folders.map((folder) => openStudy(folder));
  const document = studyReport(studies, { language: lang, command: `regnet study report ${folders.join(" ")}` });
  const file = output ?? (json ? undefined : studies[0].layout.report);
  if (file) writeReport(file, document);
  if (json) printJson(document.analysis);
  else print(`${document.trials.length} trials: ${file}`);
}

const EXAMPLES = `
Examples:
  regnet study report c10
  regnet study report xa xb xc -o spaces.html --lang zh
  regnet study report c10 --json | jq .ranges`;
