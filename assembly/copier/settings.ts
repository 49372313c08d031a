// What can be set at the front panel: the defaults behind the words of a job block that are 0.

@unmanaged
export class Settings {
  /** 0 = half a MiB. */
  chunkSectors: u32
  checkpointSectors: u32
  retries: u32
  errorLimit: u32
  zeroSectors: u32
  deadlineMs: u32
}

export const settings: Settings = changetype<Settings>(memory.data(24, 8))

export function resetSettings(): void {
  settings.chunkSectors = 0
  settings.checkpointSectors = 131072
  settings.retries = 3
  settings.errorLimit = 0
  settings.zeroSectors = 0
  settings.deadlineMs = 10_000
}
resetSettings()
