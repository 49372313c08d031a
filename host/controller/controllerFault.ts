// Why a controller stopped: a rule of the ABI that its microcode broke. Not the host's failure: the controller restarts, and the run has
// a finding.

export class ControllerFault extends Error {
  override readonly name = 'ControllerFault'
}
