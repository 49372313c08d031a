// Text that must fit into a given width of a picture, in a font of fixed width: measured, cut or wrapped without a browser.
//
// Texts may come from a hostile microcode: control characters, line breaks and marks that turn or pile up text are made harmless here.
// Not escaped for XML: xml.ts does that, last.

/** Advance of one character at 11 px: 0.6 em in the fonts that `ui-monospace, monospace` stands for, and a little more. */
const CHARACTER_WIDTH = 6.7

/** One line, without characters that would move what is around them. */
export function tamed(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, '\ufffd')
    .replace(/(\p{M})\p{M}+/gu, '$1')
    .trim()
}

/** What is not ASCII may be as wide as two characters; the few signs of our own are not. */
function widthOf(character: string): number {
  return character < '\u0250' || '…µ✗–'.includes(character) ? CHARACTER_WIDTH : 2 * CHARACTER_WIDTH
}

export function textWidth(text: string): number {
  let width = 0
  for (const character of tamed(text)) width += widthOf(character)
  return width
}

/** As much of the text as fits; '…' stands for the rest. */
export function fitText(text: string, width: number): string {
  const [line, rest] = split(tamed(text), width)
  return rest === '' ? line : `${split(line, width - CHARACTER_WIDTH)[0].trimEnd()}…`
}

/** Lines broken at spaces where there are some; the last of `linesMax` is cut. */
export function wrapText(text: string, width: number, linesMax: number): string[] {
  const lines: string[] = []
  let rest = tamed(text)
  while (lines.length < linesMax - 1 && textWidth(rest) > width) {
    const [line] = split(rest, width)
    const space = line.lastIndexOf(' ')
    const taken = space > line.length / 2 ? line.slice(0, space) : line
    lines.push(taken)
    rest = rest.slice(taken.length).trimStart()
  }
  return [...lines, fitText(rest, width)]
}

/** At least one character, so that wrapping comes to an end. */
function split(text: string, width: number): [fits: string, rest: string] {
  let used = 0
  let end = 0
  for (const character of text) {
    used += widthOf(character)
    if (used > width && end > 0) break
    end += character.length
  }
  return [text.slice(0, end), text.slice(end)]
}
