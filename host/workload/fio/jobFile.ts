// The shape of an fio job file: sections of options, with positions. What options mean is not known here.
//
//   [global]            options for all jobs that follow; several add up
//   [name]              one job; the same name may come again
//   option=value        blanks around both are ignored; an option may stand without a value
//   # ... or ; ...      a comment, also at the end of a line: a value can contain neither character (fio's rule)
//   include file        not supported: reported
//
// ${NAME} in a value is replaced from `environment`; a name that is missing there is an error (fio would leave it as it is).

import type { InputProblem } from '../inputProblem'

export interface FioOption {
  readonly name: string
  /** null: the option stands alone. */
  readonly value: string | null
  readonly line: number
  /** Of the name and of the value (or the end of the name). */
  readonly column: number
  readonly valueColumn: number
}

export interface FioSection {
  readonly name: string
  readonly line: number
  readonly options: FioOption[]
}

export interface FioJobFile {
  readonly sections: readonly FioSection[]
  readonly problems: readonly InputProblem[]
}

export function readJobFile(text: string, file: string, environment: Readonly<Record<string, string>>): FioJobFile {
  const sections: FioSection[] = []
  const problems: InputProblem[] = []
  const lines = text.split('\n')
  for (let i = 0; i < lines.length; i++) {
    const source = lines[i]!
    const content = source.split(/[;#]/, 1)[0]!.trimEnd()
    const column = content.length - content.trimStart().length + 1
    const body = content.trimStart()
    if (body === '') continue
    const problem = (found: string, expected: string, at = column) =>
      problems.push({ file, line: i + 1, column: at, found, expected })

    if (body.startsWith('[')) {
      const name = body.endsWith(']') ? body.slice(1, -1).trim() : ''
      if (name === '') problem(body, 'a section such as [global] or [name]')
      else sections.push({ name, line: i + 1, options: [] })
    } else if (/^include\s+\S/.test(body)) {
      problem(body, 'no include: put the included file here')
    } else if (sections.length === 0) {
      problem(body, 'a section such as [global] before the first option')
    } else {
      const option = readOption(body, i + 1, column)
      const expanded = expand(option, environment)
      if (typeof expanded === 'string')
        problem(`\${${expanded}}`, 'an environment variable that is given', option.valueColumn)
      else sections.at(-1)!.options.push(expanded)
    }
  }
  return { sections, problems }
}

function readOption(body: string, line: number, column: number): FioOption {
  const equals = body.indexOf('=')
  if (equals < 0) return { name: body, value: null, line, column, valueColumn: column + body.length }
  const rest = body.slice(equals + 1)
  const value = rest.trimStart()
  const valueColumn = column + equals + 1 + (rest.length - value.length)
  return { name: body.slice(0, equals).trimEnd(), value, line, column, valueColumn }
}

/** The option with its variables replaced, or the name of a variable that is missing. */
function expand(option: FioOption, environment: Readonly<Record<string, string>>): FioOption | string {
  if (option.value === null || !option.value.includes('${')) return option
  let missing: string | null = null
  const value = option.value.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (!Object.hasOwn(environment, name)) missing ??= name
    return environment[name] ?? ''
  })
  return missing ?? { ...option, value }
}
