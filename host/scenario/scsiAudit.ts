// What an initiator learns from a LUN besides its contents, held against SPC-5 and SBC-4, for any microcode: who it is, how large it is,
// what its mode pages promise, and that it refuses what it cannot do, with sense data that say so.
//
// The LUN must be ready, the array idle. Its contents stay what they are as long as the microcode is right. Commands that a LUN need not
// have may be missing (ILLEGAL REQUEST, 05/20/00). Not looked at: commands whose answer is a matter of the fault at hand.

import { SNAPSHOT_LUN_FIRST } from '../../assembly/abi/scsi'
import { auditCapacity, auditReadiness } from './audit/capacity'
import { auditIdentity } from './audit/identity'
import { type AuditedLun, BLOCK_BYTES } from './audit/lun'
import { auditModePages } from './audit/modePages'
import { AuditOver, type AuditProblem, ScsiProbe } from './audit/probe'
import { auditTransfers } from './audit/transfers'
import type { Runner } from './runner'

/** In this order: what is pending is asked for first. */
const CHAPTERS: readonly ((lun: AuditedLun) => void)[] = [
  auditReadiness,
  auditCapacity,
  auditIdentity,
  auditTransfers,
  auditModePages,
]

/**
 * What is wrong with the LUNs of a runner, each asked everything; empty: nothing. `writeCacheEnabled`: CONFIG_WCE. `hasSnapshots`: each has
 * one more LUN, for its snapshot.
 */
export function auditLun(runner: Runner, writeCacheEnabled: boolean, hasSnapshots = false): readonly AuditProblem[] {
  const probe = new ScsiProbe(runner)
  const blocksMax = Math.floor(runner.site.controller.descriptor.bufferBytes / BLOCK_BYTES)
  try {
    const { sizes, count: lunCount } = runner.initiator.luns
    const own = sizes.map((_, lun) => lun)
    const numbers = hasSnapshots ? [...own, ...own.map((lun) => SNAPSHOT_LUN_FIRST + lun)] : own
    for (const [lun, size] of sizes.entries()) {
      probe.lun = lun
      const sectors = lunCount === 1 ? runner.lunSectors : size
      for (const chapter of CHAPTERS) chapter({ probe, lunCount, numbers, sectors, blocksMax, writeCacheEnabled })
    }
  } catch (error) {
    if (!(error instanceof AuditOver)) throw error
  }
  return probe.problems
}
