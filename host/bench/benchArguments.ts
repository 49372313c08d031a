// The command line of the benchmarks: which of them, and in what form. Nothing is measured before all of it is understood.

import { parseArgs } from 'node:util'
import { didYouMean } from '../scenario/didYouMean'

export type BenchRequest =
  | { readonly kind: 'run'; readonly ids: readonly string[]; readonly isJson: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly text: string }

export function parseBenchArguments(args: readonly string[], known: readonly string[]): BenchRequest {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(args)
  } catch (error) {
    return { kind: 'mistake', text: (error as Error).message }
  }
  const { values, positionals } = parsed
  if (values.help) return { kind: 'help' }
  const ids = [...positionals, ...(values.only ?? [])]
  const unknown = ids.find((id) => !known.includes(id))
  if (unknown !== undefined) {
    return { kind: 'mistake', text: `no benchmark "${unknown}"; ${didYouMean(unknown, known) ?? 'see --help'}` }
  }
  return { kind: 'run', ids: ids.length > 0 ? ids : known, isJson: values.json ?? false }
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
}

export function benchHelp(cases: readonly { readonly id: string; readonly about: string }[]): string {
  const width = Math.max(...cases.map(({ id }) => id.length))
  return `Usage: npm run bench -- [ID ...] [--json]

Measures what the IDs name, one after the other; without any, everything, which takes some minutes.

  ID, --only ID   one benchmark; more can be given
  --json          one JSON document on stdout (with npm run --silent, nothing else is there)
  -h, --help      this text

Benchmarks:
${cases.map(({ id, about }) => `  ${id.padEnd(width)}  ${about}\n`).join('')}`
}
