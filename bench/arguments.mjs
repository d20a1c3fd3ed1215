// What the scripts here are called with. Each one's usage is the comment that it begins with.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

/**
 * The options and places of the script at `url`. Prints its usage and ends the process where it is asked for with `--help`, or
 * where it was called otherwise.
 *
 * @param {Record<string, number | string | boolean | NumberConstructor | StringConstructor>} options by their names:
 *   default values, or types where there are none. Numbers are not negative
 * @param {{ least?: number, most?: number, among?: readonly string[] }} places how many arguments that are no options there
 *   may be, and which
 */
export function argumentsOf(url, options, { least = 0, among, most = among?.length ?? least } = {}) {
  try {
    const declared = Object.fromEntries(
      Object.entries(options).map(([name, given]) => [name, { type: kindOf(given) }]),
    );
    const { values, positionals } = parseArgs({
      options: { ...declared, help: { type: "boolean", short: "h" } },
      allowPositionals: most > 0,
    });
    if (values.help) {
      console.log(usageOf(url));
      process.exit(0);
    }
    if (positionals.length < least || positionals.length > most)
      throw new Error(`${positionals.length} arguments, expected ${least === most ? least : `${least} to ${most}`}`);
    const strange = among && positionals.find((place) => !among.includes(place));
    if (strange !== undefined) throw new Error(`unknown "${strange}", expected one of ${among.join(", ")}`);
    const read = Object.entries(options).map(([name, given]) => [name, readValue(name, given, values[name])]);
    return { values: Object.fromEntries(read), positionals };
  } catch (error) {
    console.error(`${error.message}\n\n${usageOf(url)}`);
    process.exit(2);
  }
}

function kindOf(given) {
  return typeof given === "boolean" ? "boolean" : "string";
}

function readValue(name, given, text) {
  if (text === undefined) return typeof given === "function" ? undefined : given;
  if (given !== Number && typeof given !== "number") return text;
  const number = Number(text);
  if (!(number >= 0 && Number.isFinite(number))) throw new Error(`invalid --${name} ${text}: not a number from 0 on`);
  return number;
}

/** The script's first comment, without its slashes. */
function usageOf(url) {
  const lines = readFileSync(fileURLToPath(url), "utf8").split("\n");
  const end = lines.findIndex((line) => !line.startsWith("//"));
  return lines
    .slice(0, end)
    .map((line) => line.replace(/^\/\/ ?/, ""))
    .join("\n");
}
