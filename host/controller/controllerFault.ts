// Why a controller stopped: a rule of the ABI that its microcode broke. Not the host's failure: the controller restarts, and the run has
// a finding.

export class ControllerFault extends Error {
  override readonly name = 'ControllerFault'
}

/** Whether an error that came out of a call into a microcode is its own: a broken rule, a trap, a stack without end. */
export function isMicrocodeFault(error: unknown): error is Error {
  return error instanceof ControllerFault || error instanceof WebAssembly.RuntimeError || error instanceof RangeError
}
