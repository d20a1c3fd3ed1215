/** How a class fares. Shares are 0…1. */
export interface ClassFigures {
  readonly name: string;
  readonly images: number;
  /** Share of its images that were recognised; undefined without images. */
  readonly recall?: number;
  /** Share of the images taken for it that are of it; undefined where none was. */
  readonly precision?: number;
}

/** Counts which class was taken for which. */
export class ConfusionMatrix {
  /** `rows[truth][prediction]`, in images. */
  readonly rows: number[][];

  constructor(private readonly names: readonly string[]) {
    this.rows = names.map(() => new Array<number>(names.length).fill(0));
  }

  /** Adds images; those with a label below 0 do not count. */
  add(labels: ArrayLike<number>, predictions: ArrayLike<number>): void {
    for (let i = 0; i < labels.length; i++) if (labels[i] >= 0) this.rows[labels[i]][predictions[i]]++;
  }

  get figures(): ClassFigures[] {
    return this.names.map((name, c) => {
      const images = sum(this.rows[c]);
      const taken = sum(this.rows.map((row) => row[c]));
      const right = this.rows[c][c];
      return {
        name,
        images,
        recall: images ? right / images : undefined,
        precision: taken ? right / taken : undefined,
      };
    });
  }

  /** Mean recall over the classes that have images. */
  get balancedAccuracy(): number {
    const recalls = this.figures.flatMap(({ recall }) => (recall === undefined ? [] : [recall]));
    return recalls.length === 0 ? 0 : sum(recalls) / recalls.length;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
