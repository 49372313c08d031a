// SPC traces (Storage Performance Council, "SPC Trace File Format Specification", revision 1.0.1), as in the UMass collection.
//
//   ASU,LBA,Size,Opcode,Timestamp[,optional fields]
//   0,20941264,8192,W,0.551706,Alpha/NT
//
// ASU: number of a unit. LBA: block offset in the ASU; the length of a block is not in the file (512 unless told). Size in bytes, 0 is
// legal. Opcode R or W in either case. Timestamp in seconds from the start, non-decreasing. Blanks may follow a comma.

import type { LineReader } from './lineReader'
import { readOrWrite, TraceBuilder, type TraceData } from './traceData'

const NS_PER_SECOND = 1_000_000_000
export const SPC_BLOCK_BYTES = 512

export function readSpc(reader: LineReader, blockBytes = SPC_BLOCK_BYTES): TraceData {
  const builder = new TraceBuilder()
  const comma = () => {
    reader.expect(',', 'a comma')
    reader.skipBlanks()
  }
  while (reader.nextLine()) {
    const asu = reader.integer('the number of an ASU')
    comma()
    const at = reader.mark()
    const offsetBytes = reader.integer('an LBA') * blockBytes
    if (!Number.isSafeInteger(offsetBytes)) reader.fail('an LBA below 2^53 bytes', at)
    comma()
    const lengthBytes = reader.integer('a size in bytes')
    comma()
    const opcodeAt = reader.mark()
    const opcode = reader.word('R or W', ',').toUpperCase()
    if (opcode !== 'R' && opcode !== 'W') reader.fail('R or W', opcodeAt)
    comma()
    const timeNs = reader.decimalNs(NS_PER_SECOND, 'a time in seconds, such as 0.551706')
    reader.skipBlanks()
    if (!reader.atEnd()) reader.expect(',', 'a comma or the end of the line')
    builder.add(readOrWrite(opcode === 'R'), offsetBytes, lengthBytes, timeNs, builder.device(String(asu)), reader.line)
  }
  return builder.finish(reader.file, 'spc')
}
