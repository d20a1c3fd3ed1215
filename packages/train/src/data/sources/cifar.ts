import { open, readFile, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { hashFiles } from "../contents.js";
import { type CifarFiles, cifarClasses, cifarCount, cifarRecords, corruptCifar } from "./cifarFormat.js";
import type { Source, SourceItem } from "./source.js";

const MAX_FILE_BYTES = 2 ** 30;

/** A folder of CIFAR's binary files. */
export async function cifarSource(directory: string, found: CifarFiles): Promise<Source> {
  const { layout, files } = found;
  const root = resolve(directory);
  const signature = [`cifar${layout.classes}`, root];
  let total = 0;
  for (const { name } of files) {
    const { size, mtimeMs } = await stat(join(root, name));
    signature.push(`${name} ${size} ${mtimeMs}`);
    total += cifarCount(size, layout);
  }
  const classes = cifarClasses(await readFile(join(root, layout.namesFile), "utf8").catch(() => ""), layout);
  return {
    name: basename(root),
    location: directory,
    signature: [...signature, ...classes].join("\n"),
    channels: 3,
    classes,
    total,
    skipped: [],
    notes: [],
    contents: async (options) => {
      const parts = files.map(({ name }) => ({ name, path: join(root, name) }));
      return { digest: [...classes, await hashFiles(parts, options)].join("\n"), whole: true };
    },
    items: () => readItems(root, found, classes),
  };
}

async function* readItems(
  root: string,
  { layout, files }: CifarFiles,
  classes: readonly string[],
): AsyncGenerator<SourceItem> {
  for (const file of files) yield* cifarRecords(await readBounded(join(root, file.name)), file, layout, classes);
}

async function readBounded(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    if (size > MAX_FILE_BYTES) throw corruptCifar(path, "larger than 1 GB");
    return await file.readFile();
  } finally {
    await file.close();
  }
}
