/** The image library, loaded when the first image needs it: most processes find theirs decoded. */
export async function loadSharp(): Promise<typeof import("sharp").default> {
  return (await import("sharp")).default;
}
