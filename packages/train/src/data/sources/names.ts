const imageExtension = /\.(?:jpe?g|jpe|jfif|png|gif|webp|tiff?|avif|heic|heif|bmp)$/i;

/** Folder names that stand for `val`, in order of preference. */
export const VAL_FOLDERS = ["val", "valid", "validation", "test"] as const;

export function hasImageExtension(name: string): boolean {
  return imageExtension.test(name);
}

/** Files and folders that systems leave behind. */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || name === "__MACOSX" || name === "Thumbs.db";
}
