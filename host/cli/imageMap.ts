// `--map`: the picture of a copy in a file, as SVG or as a page.

import { LOST_DIFFERS } from '../../assembly/abi/copier'
import type { ImageResult } from '../image/imageJob'
import type { ImageRequest } from '../image/imagePlan'
import { SectorLog } from '../image/sectorLog'
import { htmlPage } from '../report/htmlPage'
import type { KindRange } from '../report/sectorMap'
import { sectorMapSvg } from '../report/sectorMapSvg'
import { escapeXml } from '../report/xml'
import { BadInput } from './cliError'
import { imageText } from './imageReport'
import { OutputFiles } from './outputFile'
import { VERSION } from './version'

/** The file of one `--map`. Throws BadInput for a name that says nothing, and where no file can be made. */
export class MapFile {
  /** What the copy notes. */
  readonly log = new SectorLog()
  private readonly files = new OutputFiles()

  constructor(private readonly path: string) {
    if (!/\.(svg|html)$/i.test(path)) {
      throw new BadInput(`--map: found ${path}, expected a name that ends with .svg or .html`)
    }
    this.files.temporary(path)
  }

  write(request: ImageRequest, result: ImageResult, seconds: number): void {
    this.files.write(this.path, mapText(this.path, request, result, this.log, seconds))
    this.files.commit()
  }

  discard(): void {
    this.files.discard()
  }
}

/** Of a copy that was gone on with, what was copied before counts as data: where zeros were is not known any more. */
export function mapRanges(isVerify: boolean, result: ImageResult, log: SectorLog): KindRange[] {
  const { sectorsDone, resumedAtSector, lost } = result
  const within = (ranges: readonly { lba: number; sectors: number }[], kind: 'copied' | 'retried'): KindRange[] =>
    ranges
      .filter(({ lba }) => lba < sectorsDone)
      .map(({ lba, sectors }) => ({ lba, sectors: Math.min(sectors, sectorsDone - lba), kind }))
  return [
    { lba: 0, sectors: sectorsDone, kind: isVerify ? 'copied' : 'zero' },
    { lba: 0, sectors: resumedAtSector, kind: 'copied' },
    ...within(log.written, 'copied'),
    ...within(log.failedReads, 'retried'),
    ...lost.map(({ lba, sectors, why }) => ({ lba, sectors, kind: why === LOST_DIFFERS ? 'differs' : 'bad' }) as const),
  ]
}

/** The text of the file that is called `path`. */
export function mapText(
  path: string,
  request: ImageRequest,
  result: ImageResult,
  log: SectorLog,
  seconds: number,
): string {
  const isVerify = request.command === 'verify'
  const svg = sectorMapSvg(mapRanges(isVerify, result, log), result.sectors, {
    sectorBytes: result.sectorBytes,
    title: `${request.source} -> ${request.target}`,
    words: isVerify ? { copied: 'equal', retried: 'equal after another try' } : {},
  })
  if (/\.svg$/i.test(path)) return `${svg}\n`
  const report = imageText(request, result, seconds)
  return htmlPage(VERSION, [`<h1>image ${request.command}</h1>`, svg, `<pre>${escapeXml(report)}</pre>`])
}
