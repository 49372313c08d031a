// The picture of a copy: a grid of cells, each a stretch of the disk, as the viewers of rescue maps draw it. Static SVG with its own colours: it
// stands alone, in a page, and on paper.
//
// Colours are those of Okabe and Ito, which colour-blind people tell apart; what is wrong has a pattern as well.

import { bytesText, countText } from './quantities'
import { gravestRanges, type KindRange, kindCounts, mapCells, type SectorKind } from './sectorMap'
import { escapeXml } from './xml'

const COLUMNS = 100
const ROWS_MAX = 40
const CELL = 8
const MARGIN = 12
const HEAD = 24
const LINE = 20

interface Look {
  readonly kind: SectorKind
  readonly words: string
  readonly colour: string
  /** Over the colour: lines of a pattern of 8 by 8. */
  readonly pattern: string
}

const LOOKS: readonly Look[] = [
  { kind: 'copied', words: 'copied', colour: '#0072b2', pattern: '' },
  { kind: 'zero', words: 'zeros', colour: '#a9d8f5', pattern: '' },
  { kind: 'retried', words: 'copied after another try', colour: '#f0b63c', pattern: '' },
  { kind: 'bad', words: 'bad', colour: '#d55e00', pattern: 'M1.5 1.5 6.5 6.5M6.5 1.5 1.5 6.5' },
  { kind: 'differs', words: 'differs', colour: '#cc79a7', pattern: 'M1.5 2.7H6.5M1.5 5.3H6.5' },
  { kind: 'untried', words: 'not tried', colour: '#e4e6e9', pattern: '' },
]

export interface SectorMapOptions {
  readonly sectorBytes?: number
  readonly title?: string
  /** Other words for a kind: a verify finds sectors equal. */
  readonly words?: Partial<Record<SectorKind, string>>
}

export function sectorMapSvg(
  ranges: readonly KindRange[],
  totalSectors: number,
  { sectorBytes = 512, title = 'map of sectors', words = {} }: SectorMapOptions = {},
): string {
  const found = gravestRanges(ranges, totalSectors)
  const cellCount = Math.min(COLUMNS * ROWS_MAX, totalSectors)
  const rows = Math.ceil(cellCount / COLUMNS)
  const top = MARGIN + HEAD
  const legendTop = top + rows * CELL + LINE
  const legend = legendLines(found, totalSectors, sectorBytes, words)
  const [width, height] = [COLUMNS * CELL + 2 * MARGIN, legendTop + legend.length * LINE + MARGIN]
  const scale = cellCount === 0 ? '' : `, a cell is ${bytesText((totalSectors / cellCount) * sectorBytes)}`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeXml(title)}">`,
    `<defs>${LOOKS.map(patternOf).join('')}</defs>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(MARGIN, MARGIN + 10, `${title}: ${bytesText(totalSectors * sectorBytes)}${scale}`, 'font-weight="bold"'),
    ...cellRects(mapCells(found, totalSectors, cellCount), top, totalSectors),
    ...legend.map((line, index) => line(legendTop + index * LINE)),
    '</svg>',
  ].join('\n')
}

function patternOf({ kind, colour, pattern }: Look): string {
  const lines = pattern === '' ? '' : `<path d="${pattern}" stroke="#fff" stroke-width="1.2" fill="none"/>`
  const edge = `<path d="M0 ${CELL}H${CELL}V0" stroke="#fff" fill="none"/>`
  const box = `width="${CELL}" height="${CELL}"`
  return `<pattern id="${kind}" x="${MARGIN}" y="${MARGIN + HEAD}" ${box} patternUnits="userSpaceOnUse"><rect ${box} fill="${colour}"/>${lines}${edge}</pattern>`
}

/** Runs of one kind in a row are one rectangle; the pattern draws the cells. */
function cellRects(cells: readonly SectorKind[], top: number, totalSectors: number): string[] {
  const rects: string[] = []
  for (let start = 0; start < cells.length; ) {
    const rowEnd = Math.min(cells.length, (Math.floor(start / COLUMNS) + 1) * COLUMNS)
    let end = start + 1
    while (end < rowEnd && cells[end] === cells[start]) end++
    const [x, y] = [MARGIN + (start % COLUMNS) * CELL, top + Math.floor(start / COLUMNS) * CELL]
    const first = Math.floor((start * totalSectors) / cells.length)
    const last = Math.ceil((end * totalSectors) / cells.length) - 1
    const size = `width="${(end - start) * CELL}" height="${CELL}"`
    const tip = `<title>sectors ${countText(first)} to ${countText(last)}: ${cells[start]}</title>`
    rects.push(`<rect x="${x}" y="${y}" ${size} fill="url(#${cells[start]})">${tip}</rect>`)
    start = end
  }
  return rects
}

function legendLines(
  found: readonly KindRange[],
  totalSectors: number,
  sectorBytes: number,
  words: Partial<Record<SectorKind, string>>,
): ((y: number) => string)[] {
  const counts = kindCounts(found)
  const shown = LOOKS.filter(({ kind }) => counts[kind] > 0)
  return shown.map((look) => (y: number) => {
    const { kind } = look
    const areas = found.filter((range) => range.kind === kind).length
    const percent = shareText(counts[kind] / totalSectors)
    const cells = [
      [MARGIN + 18, '', words[kind] ?? look.words],
      [300, 'text-anchor="end"', bytesText(counts[kind] * sectorBytes)],
      [370, 'text-anchor="end"', percent],
      [500, 'text-anchor="end"', `${countText(counts[kind])} ${counts[kind] === 1 ? 'sector' : 'sectors'}`],
      [600, 'text-anchor="end"', `${countText(areas)} ${areas === 1 ? 'area' : 'areas'}`],
    ] as const
    return [swatch(look, y), ...cells.map(([x, attributes, content]) => text(x, y + 10, content, attributes))].join('')
  })
}

function swatch({ colour, pattern }: Look, y: number): string {
  const lines =
    pattern === '' ? '' : `<path d="${pattern}" stroke="#fff" stroke-width="1.2" fill="none" transform="scale(1.5)"/>`
  return `<g transform="translate(${MARGIN} ${y})"><rect width="12" height="12" fill="${colour}"/>${lines}</g>`
}

/** Never '100 %' or '0 %' of what is not all or nothing. */
function shareText(share: number): string {
  const percent = share * 100
  if (percent > 99.9 && share < 1) return '> 99.9 %'
  if (percent < 0.1) return '< 0.1 %'
  return `${percent.toFixed(1).replace(/\.0$/, '')} %`
}

function text(x: number, y: number, content: string, attributes: string): string {
  const style = 'font-family="system-ui, sans-serif" font-size="12" fill="#1c1e21"'
  return `<text x="${x}" y="${y}" ${style}${attributes === '' ? '' : ` ${attributes}`}>${escapeXml(content)}</text>`
}
