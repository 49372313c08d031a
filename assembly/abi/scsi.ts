// SCSI numbers. SAM-5 (status), SPC-5 (primary commands, sense data), SBC-4 (block commands).

/** SAM-5 table 33: status codes. */
export const SCSI_GOOD = 0x00
export const SCSI_CHECK_CONDITION = 0x02
export const SCSI_BUSY = 0x08
export const SCSI_TASK_ABORTED = 0x40

/** SPC-5 table 28 and SBC-4 table 34: operation codes. */
export const OP_TEST_UNIT_READY = 0x00
export const OP_REQUEST_SENSE = 0x03
export const OP_READ_6 = 0x08
export const OP_WRITE_6 = 0x0a
export const OP_INQUIRY = 0x12
export const OP_MODE_SENSE_6 = 0x1a
export const OP_READ_CAPACITY_10 = 0x25
export const OP_READ_10 = 0x28
export const OP_WRITE_10 = 0x2a
export const OP_SYNCHRONIZE_CACHE_10 = 0x35
export const OP_MODE_SENSE_10 = 0x5a
export const OP_READ_16 = 0x88
export const OP_WRITE_16 = 0x8a
export const OP_SYNCHRONIZE_CACHE_16 = 0x91
export const OP_SERVICE_ACTION_IN_16 = 0x9e
export const OP_REPORT_LUNS = 0xa0
export const OP_READ_12 = 0xa8
export const OP_WRITE_12 = 0xaa
/**
 * Vendor specific (SPC-5 4.2.5.1: C0h to FFh). READ CHANGES, to the LUN of a snapshot: which of its sectors have changed, in the form of the
 * parameter data of GET LBA STATUS (SBC-4 5.6).
 *
 *   byte 1 bit 0      0: since the last image, 1: since the base
 *   bytes 2 to 9      STARTING LOGICAL BLOCK ADDRESS
 *   bytes 10 to 13    ALLOCATION LENGTH
 *
 * The answer: a header of 8 bytes (0 to 3: how many bytes follow byte 3; 4 to 7: sectors of a region), then descriptors of 16, one behind the
 * other from the starting address on: LBA (8), sectors (4), 1 = changed (1), 3 reserved. What did not fit is asked for from the end of the last one.
 */
export const OP_READ_CHANGES = 0xc0
export const CHANGES_SINCE_BASE = 1
export const CHANGES_HEADER_BYTES = 8
export const CHANGES_DESCRIPTOR_BYTES = 16

/** The snapshot of LUN n is LUN n + 8: a read-only unit with a removable medium, which is there while the snapshot is. */
export const SNAPSHOT_LUN_FIRST = 8

/** SBC-4 5.17: service action of SERVICE ACTION IN(16). */
export const SA_READ_CAPACITY_16 = 0x10

/** SBC-4 5.11 and 5.40: byte 1 of READ and WRITE 10/12/16. */
export const CDB_FUA = 0x08
export const CDB_DPO = 0x10
export const CDB_PROTECT_MASK = 0xe0

/** SPC-5 table 49: sense keys. */
export const SENSE_NO_SENSE = 0x0
export const SENSE_RECOVERED_ERROR = 0x1
export const SENSE_NOT_READY = 0x2
export const SENSE_MEDIUM_ERROR = 0x3
export const SENSE_HARDWARE_ERROR = 0x4
export const SENSE_ILLEGAL_REQUEST = 0x5
export const SENSE_UNIT_ATTENTION = 0x6
export const SENSE_DATA_PROTECT = 0x7
export const SENSE_ABORTED_COMMAND = 0xb

/** SPC-5 annex F: additional sense code << 8 | qualifier. */
export const ASC_NONE = 0x0000
/** SPC-5: LOGICAL UNIT NOT ACCESSIBLE, TARGET PORT IN STANDBY STATE. */
export const ASC_STANDBY = 0x040b
export const ASC_BECOMING_READY = 0x0401
export const ASC_INITIALIZING_COMMAND_REQUIRED = 0x0402
export const ASC_MANUAL_INTERVENTION_REQUIRED = 0x0403
export const ASC_WRITE_ERROR = 0x0c00
export const ASC_UNRECOVERED_READ_ERROR = 0x1100
export const ASC_PARAMETER_LIST_LENGTH_ERROR = 0x1a00
export const ASC_INVALID_COMMAND_OPERATION_CODE = 0x2000
export const ASC_LBA_OUT_OF_RANGE = 0x2100
export const ASC_INVALID_FIELD_IN_CDB = 0x2400
export const ASC_LOGICAL_UNIT_NOT_SUPPORTED = 0x2500
export const ASC_WRITE_PROTECTED = 0x2700
/** NOT READY TO READY CHANGE, MEDIUM MAY HAVE CHANGED. */
export const ASC_MEDIUM_MAY_HAVE_CHANGED = 0x2800
export const ASC_POWER_ON = 0x2900
export const ASC_SAVING_PARAMETERS_NOT_SUPPORTED = 0x3900
export const ASC_MEDIUM_NOT_PRESENT = 0x3a00
export const ASC_INTERNAL_TARGET_FAILURE = 0x4400
/** INSUFFICIENT RESOURCES: the area of a snapshot was full. */
export const ASC_INSUFFICIENT_RESOURCES = 0x5503

/** SPC-5 4.5: response codes of sense data. */
export const SENSE_FIXED_CURRENT = 0x70
export const SENSE_FIXED_BYTES = 18
export const SENSE_DESCRIPTOR_CURRENT = 0x72
