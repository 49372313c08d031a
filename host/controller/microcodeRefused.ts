// Bad input: a microcode module that the controller will not run. One class for every reason, so that a caller can tell "this file
// is no good" from a broken rule of our own.
//
// Knows nothing of files: whoever read the module says which one it was.

export class MicrocodeRefused extends Error {
  override readonly name = 'MicrocodeRefused'

  constructor(
    /** What is wrong: a field of the descriptor, an export, a byte offset. */
    readonly subject: string,
    readonly found: string,
    readonly expected: string,
  ) {
    super(`microcode refused: ${subject}: found ${found}, expected ${expected}`)
  }
}
