import type { SplitName } from "../dataSet.js";

const imageExtension = /\.(?:jpe?g|jpe|jfif|png|gif|webp|tiff?|avif|heic|heif|bmp)$/i;

/** Folder names that stand for `val`, in order of preference. */
const VAL_FOLDERS: readonly string[] = ["val", "valid", "validation"];
const TEST_FOLDER = "test";

/** Which of some folders that lie beside each other are splits. */
export interface SplitFolders {
  readonly splits: ReadonlyMap<string, SplitName>;
  /** What is said of folders that could have been `val`, too. */
  readonly notes: readonly string[];
}

/** `train`, and beside it the preferred of the names for `val`, and `test`; without `train` nothing is a split. */
export function chooseSplits(folders: Iterable<string>): SplitFolders {
  const named = new Map([...folders].map((folder) => [folder.toLowerCase(), folder]));
  const [train, [val, ...others]] = [named.get("train"), VAL_FOLDERS.flatMap((name) => named.get(name) ?? [])];
  if (train === undefined) return { splits: new Map(), notes: [] };
  const test = named.get(TEST_FOLDER);
  return {
    splits: new Map<string, SplitName>([
      [train, "train"],
      ...(val === undefined ? [] : [[val, "val"] as const]),
      ...(test === undefined ? [] : [[test, "test"] as const]),
    ]),
    notes: others.map((folder) => `folder "${folder}" left out: "${val}" is what is held out`),
  };
}

/** Whether a folder's name is one that splits have. */
export function isSplitName(folder: string): boolean {
  const name = folder.toLowerCase();
  return name === "train" || name === TEST_FOLDER || VAL_FOLDERS.includes(name);
}

export function hasImageExtension(name: string): boolean {
  return imageExtension.test(name);
}

/** What is said of images that lie in no class folder. */
export function looseNotes(count: number): readonly string[] {
  return count > 0 ? [`${count} image${count === 1 ? "" : "s"} outside the class folders passed over`] : [];
}

/** Files and folders that systems leave behind. */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || name === "__MACOSX" || name === "Thumbs.db";
}
