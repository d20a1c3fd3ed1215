// Writes the tables of figures in the documents anew from bench/results/. With --check it changes nothing and fails where one
// is not as the results say.
// Usage: npm run tables [-- --check]
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const check = process.argv.includes("--check");
/** A document and its tables, each between `<!-- table: NAME -->` and `<!-- end -->`. */
const documents = {
  "docs/design.md": { design: designTable, races: raceTable },
  "docs/training.md": { quick: recipeTable, augmentation: augmentationTable },
  "studies/small-rule/README.md": { questions: questionTable, ranges: rangeTable, best: bestTable },
};

let stale = 0;
for (const [path, tables] of Object.entries(documents)) {
  const text = readFileSync(path, "utf8");
  let made = text;
  for (const [name, table] of Object.entries(tables)) {
    const part = new RegExp(`(<!-- table: ${name} -->\n)[^]*?(<!-- end -->)`);
    if (!part.test(made)) throw new Error(`${path} has no table "${name}"`);
    made = made.replace(part, (_, begin, end) => `${begin}${tableOr(table)}\n${end}`);
  }
  if (made === text) continue;
  stale++;
  if (check) console.error(`${path}: a table is not as bench/results says; npm run tables`);
  else writeFileSync(path, made);
}
if (check && stale > 0) process.exit(1);

/** A table, or that its figures are still to be measured. */
function tableOr(table) {
  try {
    return table();
  } catch (error) {
    if (error.code === "ENOENT") return "Not measured yet.";
    throw error;
  }
}

/** A line a data set and time: every contender's accuracy, the mean over seeds. */
function designTable() {
  const root = "bench/results/design";
  const cases = existsSync(root) ? readdirSync(root).sort() : [];
  const rows = cases.flatMap((name) => {
    const runs = readdirSync(join(root, name)).map((file) => JSON.parse(readFileSync(join(root, name, file), "utf8")));
    if (runs.length === 0) return [];
    const [{ data, flops, time, resolution, images, machine, date, precision }] = runs;
    const cell = (contender) => {
      const tests = runs.filter((run) => run.contender === contender).map(({ test }) => 100 * test);
      if (tests.length === 0) return "–";
      const mean = tests.reduce((sum, test) => sum + test, 0) / tests.length;
      const spread = Math.sqrt(
        tests.reduce((sum, test) => sum + (test - mean) ** 2, 0) / Math.max(1, tests.length - 1),
      );
      return `${mean.toFixed(1)} %${tests.length > 1 ? ` ± ${spread.toFixed(1)}` : ""} (${tests.length})`;
    };
    const contenders = ["design", "published", "family", "random"].map(cell);
    const what = `${data}, ${flops / 1e6}M, ${resolution}²`;
    const where = `${machine.replace(/\(R\)/g, "")}, ${precision}, ${date}`;
    return [[what, `${time / 60} min`, ...contenders, String(images[2]), where]];
  });
  const head = [
    "images, budget",
    "time",
    "`design`",
    "published",
    "the rule's pick",
    "random search",
    "held out",
    "machine",
  ];
  return markdown(head, rows);
}

/** How often simulated races throw the better network out. */
function raceTable() {
  const { rows } = JSON.parse(readFileSync("studies/race-rules/results.json", "utf8"));
  const share = (x) => `${(100 * x).toFixed(0)} %`;
  const points = (x) => (100 * x).toFixed(2);
  const head = [
    "races",
    "early errors that mislead",
    "entrants",
    "best one fell",
    "as beaten",
    "points lost",
    "by chance",
  ];
  return markdown(
    head,
    rows.map((row) => [
      row.set,
      share(row.misleading),
      row.entrants.join(" → "),
      share(row.lost),
      share(row.beaten),
      points(row.regret),
      points(row.chance),
    ]),
  );
}

/** What each part of `quick` is worth: every line has what the one above has. */
function recipeTable() {
  const { rows, machine, date, command } = JSON.parse(readFileSync("bench/results/recipes.json", "utf8"));
  const table = markdown(
    ["recipe", "epochs", "top-1", "seconds"],
    rows.map(({ name, epochs, top1, seconds }, i) => [
      i === 0 ? name : `+ ${name}`,
      String(epochs),
      `${(100 * top1).toFixed(1)} %`,
      String(seconds),
    ]),
  );
  return `${table}\n\n\`${command}\`, ${machine.replace(/\(R\)/g, "")}, ${date}`;
}

/** What augmentation is worth by length. */
function augmentationTable() {
  const { rows, machine, date, command } = JSON.parse(readFileSync("bench/results/augmentation.json", "utf8"));
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  const table = markdown(
    ["epochs", "beside crops and flips", "top-1", "on the training images, as augmented", "seconds"],
    rows.map(({ name, epochs, top1, trainTop1, seconds }) => [
      String(epochs),
      name,
      percent(top1),
      percent(trainTop1),
      String(seconds),
    ]),
  );
  return `${table}\n\n\`${command}\`, ${machine.replace(/\(R\)/g, "")}, ${date}`;
}

function smallRule() {
  return JSON.parse(readFileSync("studies/small-rule/results.json", "utf8"));
}

/** What a property is worth on each data set. */
function questionTable() {
  const { sets, networks, seconds, machine, date, command } = smallRule();
  const points = (x) => `${x > 0 ? "+" : x < 0 ? "−" : ""}${Math.abs(100 * x).toFixed(1)}`;
  const cell = ({ difference, interval, networks: counts }) =>
    interval
      ? `${points(difference)} (${points(interval[0])} … ${points(interval[1])})`
      : `too few (${counts.join(" against ")})`;
  const table = markdown(
    ["property", ...sets.map(({ name, flops, resolution }) => `${name}, ${flops / 1e6}M, ${resolution}²`)],
    sets[0].questions.map(({ question }, i) => [question, ...sets.map(({ questions }) => cell(questions[i]))]),
  );
  const where = `${networks} networks a set, ${seconds} s each, ${machine.replace(/\(R\)/g, "")}, ${date}`;
  return `${table}\n\n\`${command}\`: ${where}`;
}

function rangeTable() {
  const { sets } = smallRule();
  const plain = (x) => String(Number(x.toPrecision(3)));
  const names = sets[0].ranges.map(({ parameter }) => parameter);
  return markdown(
    ["parameter", ...sets.map(({ name }) => name)],
    names.map((name) => [
      name,
      ...sets.map(({ ranges }) => {
        const range = ranges.find(({ parameter }) => parameter === name);
        return range ? `${plain(range.best)} (${plain(range.low)} … ${plain(range.high)})` : "–";
      }),
    ]),
  );
}

function bestTable() {
  const { sets } = smallRule();
  return markdown(
    ["images", "error", "widths", "depths", "group width", "b", "SE", "flops", "images/s"],
    sets.flatMap(({ name, trials }) =>
      trials
        .slice(0, 3)
        .map((one) => [
          name,
          `${(100 * one.error).toFixed(1)} %`,
          one.widths.join("-"),
          one.depths.join("-"),
          String(one.g),
          String(one.b),
          one.se ? "yes" : "no",
          `${(one.flops / 1e6).toFixed(1)}M`,
          String(one.imagesPerSecond),
        ]),
    ),
  );
}

function markdown(head, rows) {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
