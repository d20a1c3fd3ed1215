/** An image as it is stored: planes of bytes, C×H×W. */
export interface Image {
  readonly data: Uint8Array;
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  /** Size before it was reduced; absent where it was not, or is not known. */
  readonly original?: { readonly height: number; readonly width: number };
}
