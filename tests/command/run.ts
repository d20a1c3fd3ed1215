import { spawn } from "node:child_process";

const COMMAND = new URL("../../packages/cli/bin/regnet.js", import.meta.url).pathname;

/** How a run of the `regnet` command ended. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string;
  /** Closes the pipe from the command after so many bytes, as `head` does. */
  readonly readAtMost?: number;
  /** A CommonJS module that is loaded first. */
  readonly preload?: string;
}

/** Runs `regnet` as a process of its own. */
export async function regnet(
  args: readonly string[],
  { input = "", readAtMost, preload }: RunOptions = {},
): Promise<Outcome> {
  const before = preload === undefined ? [] : ["--require", preload];
  const child = spawn(process.execPath, [...before, COMMAND, ...args], { env: { ...process.env, NO_COLOR: "1" } });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    stdout += chunk;
    if (readAtMost !== undefined && stdout.length >= readAtMost) child.stdout.destroy();
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk;
  });
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject).on("close", resolve);
  });
  return { code, stdout, stderr };
}
