// Prints the sizes of the source's files and functions: median, 90th percentile, the largest.
// Usage: npm run figures
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

const files = sources("packages").filter((path) => !path.endsWith(".test.ts"));
const fileLines = [];
const functionLines = [];
for (const path of files) {
  const text = readFileSync(path, "utf8");
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  fileLines.push({ name: path, lines: text.split("\n").length - 1 });
  visit(source, path, source);
}
print("lines a file", fileLines);
print("lines a function", functionLines);

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === "node_modules" || entry.name === "dist") return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return path.endsWith(".ts") && !path.endsWith(".d.ts") ? [path] : [];
  });
}

function visit(node, path, source) {
  if ((ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node)) && node.body) {
    const [start, end] = [node.getStart(source), node.end].map((at) => source.getLineAndCharacterOfPosition(at).line);
    functionLines.push({ name: `${path} ${node.name?.getText(source) ?? ""}`, lines: end - start + 1 });
  }
  ts.forEachChild(node, (child) => visit(child, path, source));
}

function print(title, entries) {
  const sorted = entries.toSorted((a, b) => a.lines - b.lines);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].lines;
  console.log(`${title}: ${sorted.length} counted, median ${at(0.5)}, 90 % ${at(0.9)}, largest:`);
  for (const { name, lines } of sorted.slice(-5).reverse()) console.log(`  ${String(lines).padStart(5)}  ${name}`);
}
