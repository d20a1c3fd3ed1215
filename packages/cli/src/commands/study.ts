import type { Command } from "commander";
import { registerNew } from "./study/new.js";
import { registerReport } from "./study/report.js";
import { registerRun } from "./study/run.js";
import { registerStatus } from "./study/status.js";
import { registerStop } from "./study/stop.js";
import { registerTrial } from "./study/trial.js";

/** `regnet study`: populations of networks. */
export function register(program: Command): void {
  const study = program
    .command("study")
    .summary("populations of networks: new, run, status, report, trial, stop")
    .description("Sample a population of networks, train every one of them, and see what the population says.")
    .addHelpText("after", EXAMPLES);
  registerNew(study);
  registerRun(study);
  registerStatus(study);
  registerReport(study);
  registerTrial(study);
  registerStop(study);
}

const EXAMPLES = `
Examples:
  regnet study new c10 --space RegNetX --flops 8M..12M --data ./cifar10 --trials 60
  regnet study run c10                run it on this machine; again to resume
  regnet study run c10 --trials 100   100 trials in all
  regnet study status c10
  regnet study report c10 -o c10.html
  regnet study stop c10               from anywhere that sees the folder`;
