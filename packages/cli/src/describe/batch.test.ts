import { Readable, Writable } from "node:stream";
import { describe as describeModel } from "@regnet/core";
import { describe, expect, it } from "vitest";
import { describeLines, LINE_LIMIT } from "./batch.js";

async function run(chunks: readonly (string | Buffer)[]): Promise<Record<string, unknown>[]> {
  let text = "";
  const output = new Writable({
    write(chunk, _, done) {
      text += chunk;
      done();
    },
  });
  await describeLines(Readable.from(chunks, { objectMode: false }), output);
  if (text !== "") expect(text.endsWith("\n")).toBe(true);
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

const x200 = { w0: 24, wa: 36.44, wm: 2.49, depth: 13, groupWidth: 8 };

describe("describeLines", () => {
  it("answers line by line, in order, errors included", async () => {
    const lines = [
      JSON.stringify(x200),
      "",
      "nope",
      "[1]",
      JSON.stringify({ ...x200, w0: 20 }),
      JSON.stringify({ ...x200, w0: "24" }),
      JSON.stringify({ ...x200, groupwidth: 8 }),
      JSON.stringify({ ...x200, res: 0 }),
      JSON.stringify({ ...x200, convention: "keras" }),
      JSON.stringify({ ...x200, res: 96, classes: 7, se: 0.25, bottleneck: 2, convention: "torchvision" }),
    ];
    const answers = await run([lines.join("\n")]);
    const { rule, params, flops, acts } = describeModel("RegNetX-200MF");
    const { widths, depths, groupWidths } = rule as NonNullable<typeof rule>;
    expect(answers[0]).toEqual({ widths, depths, groupWidths, params, flops, acts });
    expect(answers.slice(1, 9).map(({ error }) => error)).toEqual([
      "missing JSON: the line is empty",
      expect.stringMatching(/^invalid JSON: /),
      "invalid line: got [1], expected an object",
      "invalid w0: got 20, expected a positive multiple of 8; the nearest is 24",
      'invalid w0: got "24", expected a number',
      'unknown field: "groupwidth" (did you mean "groupWidth"?)',
      "invalid res: got 0, expected an integer from 1 to 65536",
      'invalid convention: got "keras", expected pycls or torchvision',
    ]);
    const spec = { family: "regnet", ...x200, se: 0.25, bottleneck: 2, convention: "torchvision" } as const;
    const other = describeModel(spec, { resolution: 96, classes: 7 });
    expect(answers[9]).toMatchObject({ params: other.params, flops: other.flops, acts: other.acts });
    expect(answers).toHaveLength(lines.length);
  });

  it("says nothing to nothing", async () => {
    expect(await run([])).toEqual([]);
  });

  it("puts lines together again however they are cut, in the middle of a character too", async () => {
    const bytes = Buffer.from(`${JSON.stringify(x200)}\r\n{"é":1}\n${JSON.stringify(x200)}`);
    const answers = await run(Array.from(bytes, (byte) => Buffer.from([byte])));
    expect(answers.map(({ error }) => error)).toEqual([undefined, expect.stringContaining('"é"'), undefined]);
  });

  it("refuses a line without end, and goes on after it", async () => {
    const piece = "a".repeat(LINE_LIMIT / 4);
    const answers = await run([...new Array<string>(9).fill(piece), `a\n${JSON.stringify(x200)}\n`, piece]);
    expect(answers.map(({ error }) => error)).toEqual([
      `invalid line: longer than ${LINE_LIMIT} characters`,
      undefined,
      expect.stringMatching(/^invalid JSON/),
    ]);
    expect(await run(new Array<string>(9).fill(piece))).toHaveLength(1);
  });
});
