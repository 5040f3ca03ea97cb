import { access, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { demonstrationResults, resultsFile, type ListedFile } from "./demonstration-results.js";
import { ALL_FILES, MADE_FILES } from "./file-list.js";
import type { DemonstrationOutcome } from "./outcome.js";
import { readableJson } from "./readable-json.js";

/** A file that is there. */
export interface WrittenFile {
  name: string;
  path: string;
  /** What one finds in it, a sentence. */
  holds: string;
  bytes: number;
}

/** Files that could not be written. Its message names each, with the way out; the others are there. */
export class FilesNotWrittenError extends AggregateError {
  override readonly name = "FilesNotWrittenError";

  constructor(
    failures: readonly { path: string; error: unknown }[],
    readonly written: readonly WrittenFile[],
  ) {
    super(
      failures.map(({ error }) => error),
      failures.map(({ path, error }) => `${path} could not be written: ${wayOut(error)}`).join("\n"),
    );
  }
}

/**
 * Writes the files of a demonstration that are made from its outcome. Each is whole or not there: it is written beside its
 * place and moved there. The results go last, since they list which of the nine files are there; whatever else belongs to
 * them should be written before.
 *
 * @param dir created if it is not there.
 * @returns what was written, in the order of reading.
 * @throws FilesNotWrittenError if any could not be, after all were tried.
 */
export async function writeFiles(outcome: DemonstrationOutcome, dir: string): Promise<WrittenFile[]> {
  const written: WrittenFile[] = [];
  const failures: { path: string; error: unknown }[] = [];
  for (const { name, holds, make } of MADE_FILES) {
    const path = join(dir, name);
    try {
      await mkdir(dir, { recursive: true });
      const content = name === resultsFile.name ? demonstrationResults(outcome, await listFiles(dir)) : make(outcome);
      written.push({ name, path, holds, bytes: await replaceFile(path, readableJson(content)) });
    } catch (error) {
      failures.push({ path, error });
    }
  }
  if (failures.length > 0) throw new FilesNotWrittenError(failures, written);
  return written;
}

/** The results, which list themselves, are there when anybody reads the list. */
async function listFiles(dir: string): Promise<ListedFile[]> {
  return Promise.all(
    ALL_FILES.map(async ({ name, holds }) => ({
      name,
      holds,
      isThere: name === resultsFile.name || (await isThere(join(dir, name))),
    })),
  );
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** @returns bytes written. */
async function replaceFile(path: string, text: string): Promise<number> {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(unfinished, "w");
    try {
      await file.writeFile(text);
      // Without this, a crash of the machine could leave the name with nothing behind it.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
    return Buffer.byteLength(text);
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    throw error;
  }
}

const OTHER_FOLDER = "choose another folder with --output-dir";

const WAYS_OUT: Readonly<Record<string, string>> = {
  ENOSPC: `the disk is full. Free some space, or ${OTHER_FOLDER}.`,
  EDQUOT: `your quota on that disk is used up. Free some space, or ${OTHER_FOLDER}.`,
  EACCES: `access is refused. Allow writing there, or ${OTHER_FOLDER}.`,
  EPERM: `access is refused. Allow writing there, or ${OTHER_FOLDER}.`,
  EROFS: `that disk can only be read; ${OTHER_FOLDER}.`,
  EISDIR: `a folder has that name. Move it away, or ${OTHER_FOLDER}.`,
  EEXIST: `a file stands where the folder should be. Move it away, or ${OTHER_FOLDER}.`,
  ENOTDIR: `a file stands where the folder should be. Move it away, or ${OTHER_FOLDER}.`,
};

function wayOut(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return WAYS_OUT[code ?? ""] ?? `${message}.`;
}
