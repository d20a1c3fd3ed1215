import { describe, expect, it } from "vitest";
import { regnet } from "./run.js";

const X200 = '{"w0":24,"wa":36.44,"wm":2.49,"depth":13,"groupWidth":8}\n';

describe("regnet describe, sample and family", () => {
  it.each([
    [["describe", "RegNetX-400M"], 2, 'error: unknown model: "RegNetX-400M" (did you mean "RegNetX-400MF"?)'],
    [["describe"], 2, "error: missing model; give a name such as RegNetX-400MF, or --w0"],
    [["describe", "--w0", "24"], 2, "error: missing --wa, --wm, --depth, --group-width"],
    [["describe", "--batch", "RegNetX-400MF"], 2, "error: invalid --batch"],
    [["describe", "RegNetX-400MF", "--w0", "20"], 1, "error: invalid w0: got 20, expected a positive multiple of 8"],
    [["describe", "missing.json"], 1, "error: missing.json: no such file or directory\n"],
    [["sample", "RegNetQ"], 2, 'error: unknown space: "RegNetQ" (did you mean "RegNetX"?)'],
    [["sample"], 2, "error: missing space; give a name such as RegNetX, or --list"],
    [["sample", "RegNetX", "--flops", "5M"], 2, 'error: invalid --flops: got "5M", expected a range'],
    [["sample", "RegNetX", "--flops", "1..2", "--patience", "2000"], 1, "error: cannot sample RegNetX: found 0 of 10"],
    [["family"], 2, "error: missing --flops"],
    [["family", "--flops", "10K"], 1, "error: cannot meet 10000 flops for images of 224 × 224"],
    [["sampel", "RegNetX"], 2, "error: unknown command 'sampel'"],
  ])("%j ends with code %i and one line that helps", async (args, code, message) => {
    const outcome = await regnet(args);
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).not.toMatch(/\n\s+at /);
    expect(outcome).toMatchObject({ code, stdout: "" });
  });

  it("answers nothing to an empty input, and a line to each line", async () => {
    expect(await regnet(["describe", "--batch"])).toEqual({ code: 0, stdout: "", stderr: "" });
    const { code, stdout } = await regnet(["describe", "--batch"], { input: `${X200}nope\n${X200}` });
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(code).toBe(0);
    expect(lines.map(({ flops }) => flops)).toEqual([199040872, undefined, 199040872]);
    expect(lines[1].error).toMatch(/^invalid JSON/);
  });

  it("ends in peace when nobody reads on", async () => {
    const outcome = await regnet(["describe", "--batch"], { input: X200.repeat(200_000), readAtMost: 1000 });
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
  });

  it("gives machines JSON", async () => {
    const json = async (...args: string[]) => JSON.parse((await regnet([...args, "--json"])).stdout);
    expect(await json("describe", "RegNetX-200MF")).toMatchObject({ flops: 199040872, rule: { depths: [1, 1, 4, 7] } });
    const { networks, acceptance } = await json("sample", "RegNetX-small", "-n", "3", "--res", "32", "--seed", "5");
    expect([networks.length, acceptance.accepted]).toEqual([3, 3]);
    const [member] = await json("family", "--flops", "200M");
    expect(Math.abs(member.offset)).toBeLessThanOrEqual(0.02);
  });

  it.each(["describe", "sample", "family"])("%s --help has examples", async (command) => {
    const { code, stdout } = await regnet([command, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Examples:\n  regnet ${command} `);
    expect(stdout).toContain("--json");
  });
});
