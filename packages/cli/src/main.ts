import { Command, CommanderError } from "commander";
import { commands } from "./commands.js";

/** Exit codes: 0 fine, 1 failed, 2 misuse. */
const FAILED = 1;
const MISUSE = 2;

async function main(args: readonly string[]): Promise<void> {
  process.stdout.on("error", ignoreClosedPipe);
  try {
    const program = await createProgram(args);
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = await report(error);
  }
}

/** The program with the one command that is asked for, or, for help, with the summaries of all. */
async function createProgram(args: readonly string[]): Promise<Command> {
  const program = new Command("regnet")
    .description("Design convolutional networks by rule instead of by search.")
    .version(await version(), "-V, --version", "print the version")
    .helpCommand("help [command]", "help on a command")
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText("after", EXAMPLES);
  const wanted = args.find((arg) => !arg.startsWith("-") && arg !== "help");
  for (const { name, summary, load } of commands) {
    if (name === wanted) (await load()).register(program);
    else program.command(name).summary(summary).description(summary).allowUnknownOption().allowExcessArguments();
  }
  for (const command of program.commands) inherit(command);
  return program;
}

function inherit(command: Command): void {
  command.exitOverride().showSuggestionAfterError().showHelpAfterError("(add --help for the options and examples)");
  for (const child of command.commands) inherit(child);
}

async function version(): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  const text = await readFile(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

async function report(error: unknown): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISUSE;
  const { isMisuse, messageOf } = await import("./errors.js");
  process.stderr.write(`error: ${messageOf(error)}\n`);
  return isMisuse(error) ? MISUSE : FAILED;
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
}

const EXAMPLES = `
Examples:
  regnet describe RegNetX-400MF                      the stages of a published network
  regnet design --data ./photos --flops 50M          the right network for these images
  regnet sample RegNetX -n 5 --flops 190M..210M      five networks of a design space
  regnet train RegNetX-200MF --data ./photos         train one network
  regnet doctor                                      what this machine can do`;

await main(process.argv.slice(2));
