// Puts one request into a host slot as a SCSI command, data and all, and rings: a place in the row of LUNs becomes a LUN and an LBA.

import { OP_READ_10, OP_READ_16, OP_SYNCHRONIZE_CACHE_10, OP_WRITE_10, OP_WRITE_16 } from '../../assembly/abi/scsi'
import type { Controller } from '../controller/controller'
import type { Request } from './initiatorRecords'
import { IO_READ, IO_VERIFY, IO_WRITE } from './io'
import type { LunMap } from './lunMap'
import { fillTransferCdb } from './scsiCodec'
import { fillStamp } from './stamp'

const cdb = new Uint8Array(16)

export function sendCommand(
  controller: Controller,
  slot: number,
  { io, writeId }: Request,
  luns: LunMap,
  sectorBytes: number,
): void {
  const bytes = io.sectors * sectorBytes
  const lun = luns.lunAt(io.lba)
  const lba = io.lba - luns.firstOf(lun)
  if (io.op === IO_WRITE) {
    const address = controller.hostBufferAddress(slot)
    if (io.payload) controller.bytes.set(io.payload, address)
    else fillStamp(controller.words, address >>> 2, io.lba, io.sectors, sectorBytes, writeId)
    fillTransferCdb(cdb, lba, io.sectors, OP_WRITE_10, OP_WRITE_16, io.fua)
    controller.submit(slot, cdb, 16, bytes, 0, lun)
  } else if (io.op === IO_READ || io.op === IO_VERIFY) {
    fillTransferCdb(cdb, lba, io.sectors, OP_READ_10, OP_READ_16, false)
    controller.submit(slot, cdb, 16, 0, bytes, lun)
  } else {
    cdb.fill(0)
    cdb[0] = OP_SYNCHRONIZE_CACHE_10
    controller.submit(slot, cdb, 10, 0, 0, lun)
  }
}
