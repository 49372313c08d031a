// `-o name=value,name=value`: options of a format, as people type them.

import type { ImageFormat } from './format'
import { ImageInputError } from './imageInputError'

/** Throws an ImageInputError for a name that the format does not have, and for one that comes twice. */
export function parseFormatOptions(format: ImageFormat, texts: readonly string[]): Map<string, string> {
  const options = new Map<string, string>()
  for (const pair of texts.flatMap((text) => text.split(','))) {
    const [name = '', ...rest] = pair.split('=')
    if (rest.length === 0) throw new ImageInputError(`-o ${pair}: expected name=value`)
    const names = format.options.map((option) => option.name)
    if (!names.includes(name)) {
      const known = names.length > 0 ? `there are ${names.join(', ')}` : 'there are none'
      throw new ImageInputError(`format ${format.name} has no option ${JSON.stringify(name)}; ${known}`)
    }
    if (options.has(name)) throw new ImageInputError(`-o ${name} is given twice`)
    options.set(name, rest.join('='))
  }
  return options
}
