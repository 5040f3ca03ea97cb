/** Replaces a piece of text that a file has exactly once. */
export interface Edit {
  /** From the repository's root, as built. */
  file: string;
  find: string;
  replace: string;
}

/** @throws Error if a piece is not there exactly once: the code has changed, and the edit is to be written anew. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  return edits.reduce((edited, { file, find, replace }) => {
    const pieces = edited.split(find);
    if (pieces.length === 2) return pieces.join(replace);
    throw new Error(`${file} has ${pieces.length - 1} times, and not once: ${find}`);
  }, text);
}
