// The command that brings a run back.

/** A word as a POSIX shell takes it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

export function replayLine(file: string, seed: number): string {
  return `platterlab run ${shellWord(file)} --seed ${seed}`
}
