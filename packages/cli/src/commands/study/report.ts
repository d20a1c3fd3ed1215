import type { Study, StudyLatency } from "@regnet/study";
import type { Command } from "commander";
import { Option } from "commander";
import { LiveLine } from "../../liveLine.js";
import { print, printJson } from "./format.js";

interface Flags {
  output?: string;
  lang?: "en" | "zh";
  latency?: boolean;
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
    .option("--latency", "measure the best networks on this device, and predict the latency of the others")
    .option("--json", "print the analysis as JSON, and write no page unless -o is given")
    .addHelpText("after", EXAMPLES)
    .action(report);
}

async function report(folders: string[], { output, lang = "en", latency: timed, json }: Flags): Promise<void> {
  const { openStudy } = await import("@regnet/study/study");
  const { studyReport, writeReport } = await import("@regnet/study/report");
  const studies = folders.map((folder) => openStudy(folder));
  const latency = timed ? await measure(studies) : undefined;
  const command = ["regnet study report", ...folders, ...(timed ? ["--latency"] : [])].join(" ");
  const document = studyReport(studies, { language: lang, command, latency });
  const { trials, analysis, claims = [] } = document;
  const file = output ?? (json ? undefined : studies[0].layout.report);
  if (file) writeReport(file, document);
  if (json) printJson({ ...analysis, claims, ...(latency && { latency: latency.fit }) });
  else print(`${trials.length === 1 ? "1 trial" : `${trials.length} trials`}: ${file}`);
}

async function measure(studies: readonly Study[]): Promise<StudyLatency> {
  const { measureOn, studyLatency } = await import("@regnet/study");
  const { chooseEngine } = await import("@regnet/engine");
  const line = new LiveLine();
  const measure = measureOn(chooseEngine(studies[0].spec.engine ?? "auto"), { seconds: SECONDS });
  const onMeasured = (count: number) => line.show(`measuring latency: ${count} measurements`);
  const latency = await studyLatency(measure, studies, { onMeasured });
  line.end();
  return latency;
}

/** For each take of a network. */
const SECONDS = 0.07;

const EXAMPLES = `
Examples:
  regnet study report c10
  regnet study report xa xb xc -o spaces.html --lang zh
  regnet study report c10 --latency        what its networks take on this device, too
  regnet study report c10 --json | jq .ranges`;
