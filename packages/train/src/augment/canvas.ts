/** An image being augmented: square planes of bytes, C×side×side, with a second buffer for ops that cannot work in place. */
export class Canvas {
  data: Uint8ClampedArray;
  /** As large as `data`, of no particular content. */
  spare: Uint8ClampedArray;
  /** Pixels of one plane. */
  readonly area: number;

  constructor(
    readonly channels: 1 | 3,
    readonly side: number,
    /** The colour of what lies beyond the image, one byte a channel. */
    readonly fill: readonly number[],
  ) {
    this.area = side * side;
    this.data = new Uint8ClampedArray(channels * this.area);
    this.spare = new Uint8ClampedArray(channels * this.area);
  }

  /** Makes what was written to `spare` the image. */
  swap(): void {
    [this.data, this.spare] = [this.spare, this.data];
  }
}
