// Prints the totals of the last `npm test` on one line.
import { readFileSync } from "node:fs";

const { numPassedTests, numFailedTests } = JSON.parse(readFileSync("node_modules/.cache/tests.json", "utf8"));
console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
