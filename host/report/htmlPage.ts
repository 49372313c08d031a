// The frame of every HTML report: style, and who made it.

import { STYLE } from './html/style'
import { escapeXml } from './xml'

/** `body`: HTML, a line or more each. */
export function htmlPage(version: string, body: readonly string[]): string {
  return `${[
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8"/>',
    '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
    '<title>Platterlab report</title>',
    `<style>\n${STYLE}\n</style>`,
    '</head>',
    '<body>',
    ...body,
    `<p class="soft">platterlab ${escapeXml(version)}</p>`,
    '</body>',
    '</html>',
  ].join('\n')}\n`
}
