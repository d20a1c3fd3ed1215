import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DataFacts } from "./facts.js";
import { formatFacts } from "./text.js";

const folder = mkdtempSync(join(tmpdir(), "regnet-cli-data-"));
const photos = join(folder, "照片");
const BIN = fileURLToPath(new URL("../../bin/regnet.js", import.meta.url));
const env = { ...process.env, REGNET_CACHE: join(folder, "cache") };

async function put(name: string, background: string): Promise<void> {
  mkdirSync(join(photos, name, ".."), { recursive: true });
  await sharp({ create: { width: 12, height: 10, channels: 3, background } }).toFile(join(photos, name));
}

beforeAll(async () => {
  for (let i = 0; i < 4; i++) {
    await put(`train/猫/${i}.png`, `#0000${i}0`);
    await put(`val/dog/${i}.png`, `#00${i}000`);
  }
  await put("train/dog/0.png", "#000000");
  writeFileSync(join(photos, "train/dog/broken.jpg"), "text");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function regnet(...args: string[]) {
  return spawnSync(process.execPath, [BIN, "data", "show", ...args], { env, encoding: "utf8" });
}

describe("regnet data show", () => {
  it("tells counts, sizes, duplicates and what cannot be read", () => {
    const { stdout, status } = regnet(photos);
    expect(status).toBe(0);
    for (const line of [
      "照片: 5 train + 4 val images",
      "2 classes, colour, 12×10",
      "  dog            1          4",
      "  猫             4          0",
      'note: class "猫" has no val image',
      "1 image occurs more than once; 1 of them in train and val",
      "  same   train:train/dog/0.png  train:train/猫/0.png  val:val/dog/0.png",
      "1 file could not be read and is left out",
      "  train/dog/broken.jpg: not an image that can be read: text",
    ]) {
      expect(stdout).toContain(line);
    }
  });

  it("writes the same as JSON and a contact sheet", async () => {
    const sheet = join(folder, "sheet.png");
    const facts = JSON.parse(
      execFileSync(process.execPath, [BIN, "data", "show", photos, "--json", "-o", sheet], { env, encoding: "utf8" }),
    ) as DataFacts;
    expect(facts.classes).toEqual([
      { name: "dog", train: 1, val: 4, test: 0 },
      { name: "猫", train: 4, val: 0, test: 0 },
    ]);
    expect(facts.skipped).toEqual([{ path: "train/dog/broken.jpg", reason: "not an image that can be read: text" }]);
    expect((await sharp(readFileSync(sheet)).metadata()).format).toBe("png");
    expect(readdirSync(folder).filter((name) => name.includes(".tmp"))).toEqual([]);
  });

  it.each([
    [["no-such-folder"], 2, /^error: unknown data set: "no-such-folder"; no such file or folder/],
    [[photos, "-o", "sheet.jpg"], 2, /^error: invalid -o: got "sheet\.jpg"/],
    [[photos, "--val-fraction", "1"], 2, /^error: invalid --val-fraction: got "1"/],
    [[folder, "--nope"], 2, /unknown option/],
    [[], 2, /missing required argument 'source'/],
  ])("%j ends with exit code %i", (args, code, message) => {
    const { status, stderr } = regnet(...args);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(status).toBe(code);
  });

  it("fails with exit code 1 where there are no images, and writes no sheet", () => {
    const empty = join(folder, "empty");
    mkdirSync(join(empty, "a"), { recursive: true });
    const sheet = join(folder, "none.png");
    const { status, stderr } = regnet(empty, "-o", sheet);
    expect([status, existsSync(sheet)]).toEqual([1, false]);
    expect(stderr).toMatch(/^error: invalid data set: .* 1 folders without images; put the images/);
  });
});

describe("the text", () => {
  const facts: DataFacts = {
    name: "evil\u001b[31m",
    channels: 1,
    train: 90,
    val: 10,
    test: 0,
    split: { fraction: 0.1, seed: 3 },
    classes: [
      { name: "many", train: 80, val: 5, test: 0 },
      { name: "few", train: 10, val: 5, test: 0 },
    ],
    sizes: {
      smallest: { height: 1, width: 2 },
      median: { height: 3, width: 4 },
      largest: { height: 500, width: 600 },
    },
    stored: { smallest: { height: 1, width: 2 }, largest: { height: 256, width: 307 } },
    statistics: { mean: [0.5], std: [0.25] },
    duplicates: [],
    skipped: Array.from({ length: 12 }, (_, i) => ({ path: `a/${i}\n.jpg`, reason: "damaged" })),
    notes: [],
    fingerprint: "x",
    cache: "/cache",
  };

  it("lets no name command the terminal, and shortens lists unless told otherwise", () => {
    const text = formatFacts(facts, false);
    expect(text).not.toContain("\u001b");
    expect(text).toContain("a/9\ufffd.jpg: damaged\n  … and 2 more (--all shows them)");
    expect(formatFacts(facts, true)).toContain("a/11\ufffd.jpg");
  });

  it("tells how val was held out, the range of sizes, and imbalance", () => {
    const text = formatFacts(facts, false);
    expect(text).toContain("(held out: 10 % of each class, seed 3)");
    expect(text).toContain("grey, 2×1 to 600×500, half below 4×3; stored at 307×256 and below");
    expect(text).toContain("the largest class has 8.0 times the images of the smallest");
  });
});
