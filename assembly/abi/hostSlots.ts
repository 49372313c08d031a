// A host command slot: one SCSI command on its way through the controller.
//
//   byte 0        4               20         24            28           32
//        +--------+---------------+----------+-------------+------------+
//        | lun    | CDB, 16 bytes | cdbBytes | dataOutBytes| dataInBytes|      written by the host before doorbell()
//        +--------+---------------+----------+-------------+------------+
//   byte 32       36              40         44                         76
//        +--------+---------------+----------+--------------------------+
//        | status | transferred   | senseLen | sense, 32 bytes          |      written by the microcode before complete()
//        +--------+---------------+----------+--------------------------+
//
// Data of slot i lie in its buffer (descriptor.ts): data-out is there when doorbell() is called, data-in must be there when
// complete() is called. All words are little-endian u32; the CDB and the sense data are in SCSI byte order (big-endian).

export const HOST_SLOT_BYTES = 80

export const HOST_SLOT_LUN = 0
export const HOST_SLOT_CDB = 4
export const HOST_SLOT_CDB_BYTES = 16
export const HOST_SLOT_CDB_LENGTH = 20
/** Bytes that the initiator put into the buffer. */
export const HOST_SLOT_DATA_OUT_BYTES = 24
/** Bytes that the initiator has room for. */
export const HOST_SLOT_DATA_IN_BYTES = 28

/** SAM-5 status code: scsi.ts */
export const HOST_SLOT_STATUS = 32
/** Bytes of data-in that are valid in the buffer. */
export const HOST_SLOT_TRANSFERRED = 36
export const HOST_SLOT_SENSE_LENGTH = 40
export const HOST_SLOT_SENSE = 44
export const HOST_SLOT_SENSE_BYTES = 32
