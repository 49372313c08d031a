// What an optical job has met so far: counted in RAM, for whoever watches. A power cut begins the count anew.

@unmanaged
export class Tally {
  /** Sectors that their code corrected, from a single read. */
  corrected: u32
  /** Sectors that took more than one read, and are right. */
  reread: u32
  /** Sectors without a code; two reads agreed. */
  unchecked: u32
  /** Sectors whose subchannel Q is damaged. */
  damagedQ: u32
}

export const tally: Tally = changetype<Tally>(memory.data(16, 4))

export function clearTally(): void {
  memory.fill(changetype<usize>(tally), 0, offsetof<Tally>())
}
