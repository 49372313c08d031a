// The command that brings a run back.

/** A word as a POSIX shell takes it. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}

/** `microcodeFile`: where another module was asked for than the one that is meant anyway. */
export function replayLine(file: string, seed: number, microcodeFile: string | null = null): string {
  return `platterlab run ${shellWord(file)} --seed ${seed}${microcodeOption(microcodeFile)}`
}

export function tokenLine(token: string, microcodeFile: string | null): string {
  return `platterlab replay ${token}${microcodeOption(microcodeFile)}`
}

function microcodeOption(file: string | null): string {
  return file === null ? '' : ` --microcode ${shellWord(file)}`
}
