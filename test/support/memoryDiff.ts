// Says in words which 4-byte words of a microcode's shared areas changed: for the worked example of docs/abi.md.
import * as drive from '../../assembly/abi/driveSlots'
import * as host from '../../assembly/abi/hostSlots'
import type { HandDriven } from './handDriven'

const HOST_FIELDS = new Map([
  [host.HOST_SLOT_LUN, 'lun'],
  [host.HOST_SLOT_CDB, 'cdb[0..3]'],
  [host.HOST_SLOT_CDB + 4, 'cdb[4..7]'],
  [host.HOST_SLOT_CDB + 8, 'cdb[8..11]'],
  [host.HOST_SLOT_CDB + 12, 'cdb[12..15]'],
  [host.HOST_SLOT_CDB_LENGTH, 'cdbBytes'],
  [host.HOST_SLOT_DATA_OUT_BYTES, 'dataOutBytes'],
  [host.HOST_SLOT_DATA_IN_BYTES, 'dataInBytes'],
  [host.HOST_SLOT_STATUS, 'status'],
  [host.HOST_SLOT_TRANSFERRED, 'transferred'],
  [host.HOST_SLOT_SENSE_LENGTH, 'senseLen'],
])

const DRIVE_FIELDS = new Map([
  [drive.DRIVE_SLOT_BAY, 'bay'],
  [drive.DRIVE_SLOT_OP, 'op'],
  [drive.DRIVE_SLOT_FLAGS, 'flags'],
  [drive.DRIVE_SLOT_SECTORS, 'sectors'],
  [drive.DRIVE_SLOT_LBA_LOW, 'lbaLow'],
  [drive.DRIVE_SLOT_LBA_HIGH, 'lbaHigh'],
  [drive.DRIVE_SLOT_BUFFER, 'bufferAddr'],
  [drive.DRIVE_SLOT_STATUS, 'status'],
  [drive.DRIVE_SLOT_BAD_LBA_LOW, 'badLbaLow'],
  [drive.DRIVE_SLOT_BAD_LBA_HIGH, 'badLbaHigh'],
])

/** The bytes of a module's slots and of the start of one buffer, as they are now. */
export class MemoryDiff {
  private before: Uint8Array

  constructor(private readonly machine: HandDriven) {
    this.before = this.snapshot()
  }

  /** `name  address: before -> after  field`, for each word that changed since the last call. */
  take(): string[] {
    const after = this.snapshot()
    const { before } = this
    this.before = after
    const lines: string[] = []
    for (let address = 0; address < after.length; address += 4) {
      const [old, now] = [before, after].map((bytes) => hex(bytes.subarray(address, address + 4)))
      if (old !== now) lines.push(this.line(address, old, now))
    }
    return lines.filter((line) => line !== '')
  }

  private line(address: number, old: string, now: string): string {
    const place = this.placeOf(address)
    return place && `  ${address.toString().padStart(5)}  ${old} -> ${now}  ${place}`
  }

  private placeOf(address: number): string {
    const { hostSlotsAddress, hostSlotCount, driveSlotsAddress, driveSlotCount, buffersAddress, dmaBytes } =
      this.machine.descriptor
    const hostOffset = address - hostSlotsAddress
    if (hostOffset >= 0 && hostOffset < hostSlotCount * host.HOST_SLOT_BYTES) {
      const field = HOST_FIELDS.get(hostOffset % host.HOST_SLOT_BYTES) ?? 'sense'
      return `host slot ${Math.floor(hostOffset / host.HOST_SLOT_BYTES)} ${field}`
    }
    const driveOffset = address - driveSlotsAddress
    if (driveOffset >= 0 && driveOffset < driveSlotCount * drive.DRIVE_SLOT_BYTES) {
      const field = DRIVE_FIELDS.get(driveOffset % drive.DRIVE_SLOT_BYTES) ?? 'unused'
      return `drive slot ${Math.floor(driveOffset / drive.DRIVE_SLOT_BYTES)} ${field}`
    }
    if (address < buffersAddress) return ''
    return address < buffersAddress + dmaBytes ? `buffers, byte ${address - buffersAddress}` : "the module's own"
  }

  private snapshot(): Uint8Array {
    return new Uint8Array(this.machine.memory.buffer).slice()
  }
}

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
