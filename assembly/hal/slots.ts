// Typed views over the slots that the microcode shares with the hardware. The layouts are those of abi/hostSlots.ts and
// abi/driveSlots.ts, field by field; `@unmanaged` makes them plain structures: no header, no garbage collector.

/** abi/hostSlots.ts; the CDB starts at HOST_SLOT_CDB, the sense data at HOST_SLOT_SENSE. */
@unmanaged
export class HostSlot {
  lun: u32
  cdb0: u32
  cdb4: u32
  cdb8: u32
  cdb12: u32
  cdbLength: u32
  dataOutBytes: u32
  dataInBytes: u32
  status: u32
  transferred: u32
  senseLength: u32
}

/** abi/frames.ts; the header starts at FRAME_HEADER. */
@unmanaged
export class FrameSlot {
  headerBytes: u32
  dataAddress: u32
  dataBytes: u32
}

/** abi/driveSlots.ts */
@unmanaged
export class DriveSlot {
  bay: u32
  op: u32
  flags: u32
  sectors: u32
  lba: u64
  buffer: u32
  status: u32
  badLba: u64
}
