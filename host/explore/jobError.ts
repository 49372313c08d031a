// An error as it crosses the border of a thread or a machine: classes do not, names do. Nested objects and functions are left behind.

export interface JobError {
  /** `MicrocodeRefused`, `RuntimeError`, …: the class's name. */
  readonly name: string
  readonly message: string
  readonly stack: string
  /** The error's own plain fields, such as a file's line and column. */
  readonly fields: Readonly<Record<string, unknown>>
}

export function describeError(error: unknown): JobError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: '', fields: {} }
  const plain = Object.entries(error).filter(([, value]) => value === null || typeof value !== 'object')
  const fields = Object.fromEntries(plain.filter(([key, value]) => key !== 'name' && typeof value !== 'function'))
  return { name: error.name, message: error.message, stack: error.stack ?? '', fields }
}
