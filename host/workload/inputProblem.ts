// Where an input text is wrong: file, line, column, what stands there, what was expected. Readers of job files and traces return or
// throw these; they never throw anything else for bad input. Lines and columns count from 1; columns count UTF-16 units.

export interface InputProblem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly found: string
  readonly expected: string
}

/** 'job.fio:7:4: found "rw=reed", expected read, write, …' */
export function describeProblem(problem: InputProblem): string {
  const { file, line, column, found, expected } = problem
  return `${file}:${line}:${column}: found ${found}, expected ${expected}`
}

/** One problem thrown: for readers that stop at the first. */
export class InputError extends Error {
  override readonly name = 'InputError'

  constructor(readonly problem: InputProblem) {
    super(describeProblem(problem))
  }
}
