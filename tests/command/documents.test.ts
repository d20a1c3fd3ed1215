import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { regnet } from "./run.js";

const folder = mkdtempSync(join(tmpdir(), "regnet-documents-"));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("documents in YAML", () => {
  const broken = file("broken.yaml", "name: [\n");
  const out = join(folder, "out");

  it("are a study's space and recipe", async () => {
    const space = file(
      "space.yaml",
      "name: two\nfamily: regnet\nparameters:\n  { w0: 16, wa: 16, wm: 2, depth: [4, 5, 6], groupWidth: [4, 8] }\n",
    );
    const recipe = file("recipe.yml", "base: quick\nlabelSmoothing: 0.25\n");
    const study = join(folder, "study");
    const args = ["study", "new", study, "--data", "shapes", "--trials", "2", "--space", space, "--recipe", recipe];
    expect(await regnet(args)).toMatchObject({ code: 0, stderr: "" });
    const document = JSON.parse(readFileSync(join(study, "study.json"), "utf8"));
    expect(document).toMatchObject({ space: { name: "two" }, recipe: { base: "quick", labelSmoothing: 0.25 } });
  });

  it.each([
    [["design", "--data", "shapes", "--flops", "3M", "--space", broken, "-o", out], "error: invalid space: "],
    [["design", "--data", "shapes", "--flops", "3M", "--recipe", broken, "-o", out], "error: invalid recipe: "],
    [["study", "new", out, "--data", "shapes", "--recipe", broken], "error: invalid recipe: "],
    [["train", "RegNetX-200MF", "--data", "shapes", "--recipe", broken, "-o", out], "error: invalid recipe: "],
    [["sample", broken], "error: invalid space: "],
  ])("%j tells the line of a mistake", async (args, message) => {
    const { code, stderr } = await regnet(args);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/at line 2, column 1/);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).not.toBe(0);
  });
});
