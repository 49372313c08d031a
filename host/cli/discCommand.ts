// Runs `platterlab image disc`: a description becomes the raw image of a disc.

import { ImageInputError } from '../formats/imageInputError'
import { readDisc, writeDisc } from '../image/discFile'
import { bytesText, plural } from '../report/quantities'
import { BadInput } from './cliError'
import { EXIT_OK } from './exitCodes'
import type { Terminal } from './terminal'

/** Returns the exit code; throws BadInput. */
export function discCommand(description: string, path: string, isDamaged: boolean, terminal: Terminal): number {
  try {
    const disc = readDisc(description)
    const sectors = writeDisc(disc, path, isDamaged)
    const size = bytesText(sectors * disc.sectorBytes)
    terminal.out(`${path}: ${plural(sectors, 'sector')} of ${disc.sectorBytes} B, ${size}\n`)
    return EXIT_OK
  } catch (error) {
    if (error instanceof ImageInputError) throw new BadInput(error.message)
    throw error
  }
}
