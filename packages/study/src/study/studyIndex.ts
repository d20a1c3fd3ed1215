import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { readResult, readTrial } from "./read.js";
import { settledStamp } from "./rest.js";
import { canonical } from "./spec.js";
import { requireSampled, type Study } from "./study.js";
import type { TrialRecord } from "./trial.js";
import { trialId, trialName } from "./trialName.js";

const FORMAT = "2";
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS trials (
    id INTEGER PRIMARY KEY, state TEXT NOT NULL, error REAL, flops REAL NOT NULL, params REAL NOT NULL,
    acts REAL NOT NULL, seconds REAL NOT NULL, trial TEXT NOT NULL, result TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS by_outcome ON trials (state, error);
  CREATE INDEX IF NOT EXISTS by_state ON trials (state, seconds);`;
const INSERT = "INSERT OR REPLACE INTO trials VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

/** What lists of trials can be sorted by. */
export type TrialSort = "id" | "error" | "flops" | "params" | "acts" | "seconds";

export interface TrialQuery {
  /** Default "id". */
  readonly sort?: TrialSort;
  readonly descending?: boolean;
  readonly state?: "done" | "failed";
  readonly limit?: number;
}

interface Row {
  readonly trial: string;
  readonly result: string;
}

export interface IndexCounts {
  readonly done: number;
  readonly failed: number;
  /** Sum over the finished trials of the time of the attempt that finished them, in seconds. */
  readonly seconds: number;
}

/** The done trials of a study, by id. */
export function doneTrials(study: Study): readonly TrialRecord[] {
  return withIndex(study, (index) => index.list({ state: "done" }));
}

/** How many trials of a study have failed. */
export function failedTrials(study: Study): number {
  return withIndex(study, (index) => index.counts().failed);
}

function withIndex<T>(study: Study, look: (index: StudyIndex) => T): T {
  const index = StudyIndex.open(study);
  try {
    return look(index);
  } finally {
    index.close();
  }
}

/**
 * The finished trials of a study in SQLite, for queries. Only an index: where it is missing, torn, of another study or
 * cannot be written, it is made again from the trial folders, which takes about a tenth of a millisecond a trial.
 */
export class StudyIndex {
  private constructor(
    private readonly study: Study,
    private readonly db: Database.Database,
    /** Whether it is kept in the study's folder, or only in memory. */
    readonly persistent: boolean,
    /** What people should know about how it was opened. */
    readonly notes: string[],
  ) {}

  /** Opens the index and brings it up to date. @param verify looks for every result file, not only the new ones */
  static open(study: Study, verify = false): StudyIndex {
    const notes: string[] = [];
    for (const attempt of [openFile, reopenFile]) {
      let index: StudyIndex | undefined;
      try {
        index = new StudyIndex(study, attempt(study, notes), true, notes);
        index.refresh(verify);
        return index;
      } catch (error) {
        index?.close();
        if (!isCorrupt(error)) break;
      }
    }
    notes.push("index.sqlite cannot be written here: the trial folders were read instead");
    const index = new StudyIndex(study, prepare(new Database(":memory:"), study), false, notes);
    index.refresh(true);
    return index;
  }

  /** Adds finished trials in one transaction. */
  add(records: readonly TrialRecord[]): void {
    if (records.length === 0) return;
    const insert = this.db.prepare(INSERT);
    this.db.transaction(() => {
      for (const { trial, result } of records) {
        const { flops, params, acts } = trial.complexity;
        const error = result.state === "done" ? result.error : null;
        const texts = [JSON.stringify(trial), JSON.stringify(result)];
        insert.run(trial.id, result.state, error, flops, params, acts, result.seconds, ...texts);
      }
    })();
    if (this.persistent) for (const { trial } of records) forgetBegun(this.study, trial.id);
  }

  /** Looks at the trials that were begun since the last time; or, to `verify`, at every one. */
  refresh(verify = false): void {
    const fresh = this.db.prepare("SELECT id FROM trials LIMIT 1").get() === undefined;
    const all = verify || fresh;
    this.forgetLost(all);
    const indexed = all ? new Set(this.ids()) : undefined;
    const candidates = all ? everyId(this.study).filter((id) => !indexed?.has(id)) : begunIds(this.study);
    for (let i = 0; i < candidates.length; i += BATCH)
      this.add(readRecords(this.study, candidates.slice(i, i + BATCH)));
  }

  /** From an index of its own: the trials' texts are not read for it. */
  counts(): IndexCounts {
    const sql = "SELECT state, COUNT(*) AS n, SUM(seconds) AS s FROM trials GROUP BY state";
    const rows = this.db.prepare(sql).all() as { state: string; n: number; s: number }[];
    const of = (state: string) => rows.find((row) => row.state === state)?.n ?? 0;
    return { done: of("done"), failed: of("failed"), seconds: rows.reduce((sum, { s }) => sum + s, 0) };
  }

  /** Ids of the finished trials, in no order. Asked for as one text: rows take ten times as long. */
  ids(): number[] {
    const sql = "SELECT json_group_array(id) AS ids FROM trials INDEXED BY by_state";
    return JSON.parse((this.db.prepare(sql).get() as { ids: string }).ids) as number[];
  }

  /** The done trial of the least error. */
  best(): TrialRecord | undefined {
    return this.list({ sort: "error", state: "done", limit: 1 })[0];
  }

  list(query: TrialQuery = {}): TrialRecord[] {
    const { sort = "id", descending = false, state, limit = -1 } = query;
    const where = state ? `WHERE state = '${state satisfies "done" | "failed"}'` : "";
    // Done trials have every column: without an expression, the order can be that of an index.
    const last = state === "done" ? "" : `${sort} IS NULL, `;
    const order = `ORDER BY ${last}${sort} ${descending ? "DESC" : "ASC"}, id`;
    const rows = this.db.prepare(`SELECT trial, result FROM trials ${where} ${order} LIMIT ?`).all(limit) as Row[];
    return rows.map(({ trial, result }) => ({ trial: JSON.parse(trial), result: JSON.parse(result) }) as TrialRecord);
  }

  close(): void {
    this.db.close();
  }

  private forgetLost(verify: boolean): void {
    const stamp = settledStamp(this.study.layout.trials);
    if (!verify && stamp !== undefined && stamp === readMeta(this.db, CHECKED)) return;
    this.forgetMissing(verify);
    if (stamp !== undefined && this.persistent) writeMeta(this.db, CHECKED, stamp);
  }

  private forgetMissing(verify: boolean): void {
    const there = trialFolders(this.study);
    const exists = verify
      ? (id: number) => existsSync(this.study.layout.trial(id).result)
      : (id: number) => there.has(trialName(id));
    const lost = this.ids().filter((id) => !exists(id));
    if (lost.length === 0) return;
    this.notes.push(`the results of ${lost.length} finished trials are gone: they will run again`);
    const remove = this.db.prepare("DELETE FROM trials WHERE id = ?");
    this.db.transaction(() => {
      for (const id of lost) remove.run(id);
    })();
  }
}

const BATCH = 1000;
/** Key of the trial folders' stamp when all were last seen to be there: while it stays, they need not be listed. */
const CHECKED = "checked";

function openFile(study: Study): Database.Database {
  return prepare(new Database(study.layout.index), study);
}

function reopenFile(study: Study, notes: string[]): Database.Database {
  for (const suffix of ["", "-journal", "-wal", "-shm"]) rmSync(`${study.layout.index}${suffix}`, { force: true });
  notes.push("index.sqlite was damaged: made again from the trial folders");
  return openFile(study);
}

function prepare(db: Database.Database, study: Study): Database.Database {
  const identity = `${FORMAT} ${canonical({ ...study.spec, trials: undefined })}`;
  db.exec("PRAGMA busy_timeout = 2000");
  db.exec(SCHEMA);
  if (readMeta(db, "study") === identity) return db;
  db.exec("DELETE FROM trials");
  db.prepare("INSERT OR REPLACE INTO meta VALUES ('study', ?)").run(identity);
  return db;
}

function readMeta(db: Database.Database, key: string): string | undefined {
  return (db.prepare("SELECT value FROM meta WHERE key = ?").get(key) as { value: string } | undefined)?.value;
}

/** What cannot be remembered is looked at again the next time. */
function writeMeta(db: Database.Database, key: string, value: string): void {
  try {
    db.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)").run(key, value);
  } catch {
    // A read-only or full disk, or another process at the index.
  }
}

function isCorrupt(error: unknown): boolean {
  const text = error instanceof Error ? `${"code" in error ? error.code : ""} ${error.message}` : "";
  return /SQLITE_(CORRUPT|NOTADB|ERROR|SCHEMA)|malformed|not a database|no such (table|column)/i.test(text);
}

function everyId(study: Study): number[] {
  return Array.from({ length: requireSampled(study).trials }, (_, id) => id);
}

function trialFolders(study: Study): Set<string> {
  return new Set(existsSync(study.layout.trials) ? readdirSync(study.layout.trials) : []);
}

/** Trials that were begun and whose end is not in the index yet. */
export function begunIds(study: Study): number[] {
  if (!existsSync(study.layout.begun)) return [];
  return readdirSync(study.layout.begun).flatMap((name) => trialId(name) ?? []);
}

function forgetBegun(study: Study, id: number): void {
  try {
    rmSync(join(study.layout.begun, trialName(id)), { force: true });
  } catch {
    // The next refresh looks at it once more.
  }
}

function readRecords(study: Study, ids: readonly number[]): TrialRecord[] {
  return ids.flatMap((id) => {
    const result = readResult(study, id);
    const trial = result && readTrial(study, id);
    return trial ? [{ trial, result }] : [];
  });
}
