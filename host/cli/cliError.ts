// The two ways in which a command ends early. Anything else that is thrown is a bug of ours (exit code 3).

/** A mistake of the user, in words that say how to put it right. Exit code 2. */
export class BadInput extends Error {
  override readonly name = 'BadInput'
}

/** Ctrl-C. Exit code 130. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'

  constructor() {
    super('interrupted')
  }
}
