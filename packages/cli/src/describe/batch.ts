import type { Readable, Writable } from "node:stream";
import { LineDescriber } from "@regnet/core";

/** Longest line that is read; of a longer one only the end is looked for. */
export const LINE_LIMIT = 1 << 20;

/**
 * `describe --batch`: JSON lines in, JSON lines out, in the same order, one for one. A line that cannot be described
 * gives `{"error":"…"}` and the rest goes on. Memory does not grow with the input.
 */
export async function describeLines(input: Readable, output: Writable): Promise<void> {
  const describer = new LineDescriber();
  const tooLong = JSON.stringify({ error: `invalid line: longer than ${LINE_LIMIT} characters` });
  for await (const lines of linesOf(input)) {
    let text = "";
    for (const line of lines) text += `${line === undefined ? tooLong : describer.describe(line)}\n`;
    if (text !== "") await send(output, text);
  }
}

/** The lines that each chunk completes, undefined for one that is too long. */
async function* linesOf(input: Readable): AsyncGenerator<(string | undefined)[]> {
  input.setEncoding("utf8");
  let rest: string | undefined = "";
  for await (const chunk of input as AsyncIterable<string>) {
    const lines: (string | undefined)[] = ((rest ?? "") + chunk).split("\n");
    const last = lines.pop() as string;
    if (rest === undefined && lines.length > 0) lines[0] = undefined;
    const open: boolean = rest === undefined && lines.length === 0;
    rest = open || last.length > LINE_LIMIT ? undefined : last;
    yield lines;
  }
  if (rest !== "") yield [rest];
}

function send(output: Writable, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
