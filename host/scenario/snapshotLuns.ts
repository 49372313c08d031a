// Whether a microcode has snapshots: it says so by the LUNs of theirs (assembly/abi/scsi.ts, SNAPSHOT_LUN_FIRST), which are there from the
// beginning, without a medium. One that was given room for a snapshot and has no such LUN is asked for none.

import {
  ASC_LOGICAL_UNIT_NOT_SUPPORTED,
  OP_TEST_UNIT_READY,
  SENSE_ILLEGAL_REQUEST,
  SNAPSHOT_LUN_FIRST,
} from '../../assembly/abi/scsi'
import { senseOf } from '../oracle/sense'
import { AuditOver, ScsiProbe } from './audit/probe'
import type { Runner } from './runner'

const NO_LUN = senseOf(SENSE_ILLEGAL_REQUEST, ASC_LOGICAL_UNIT_NOT_SUPPORTED)

/** The LUNs of the runner are ready and idle. */
export function hasSnapshotLuns(runner: Runner): boolean {
  try {
    const cdb = [OP_TEST_UNIT_READY, 0, 0, 0, 0, 0]
    return new ScsiProbe(runner).send('TEST UNIT READY', cdb, { lun: SNAPSHOT_LUN_FIRST }).sense !== NO_LUN
  } catch (error) {
    if (!(error instanceof AuditOver)) throw error
    return false
  }
}
