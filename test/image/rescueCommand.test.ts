import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createColors } from 'picocolors'
import { describe, expect, it } from 'vitest'
import { runCli } from '../../host/cli/program'
import { at, randomFile, useDirectory } from './files'

useDirectory()

async function rescue(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', '']
  const colours = createColors(false)
  const code = await runCli(['image', 'rescue', ...argv], {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    outColours: colours,
    errColours: colours,
    interrupted: new AbortController().signal,
  })
  return { code, out, err }
}

const FILES = (): string[] => [at('source'), at('target'), at('map')]
const DRIVES = ['--source-drive', 'hdd', '--target-drive', 'hdd']

describe('platterlab image rescue', () => {
  it('says that all is there, and ends with 0', async () => {
    randomFile('source', 1 << 20)
    const { code, out, err } = await rescue(...FILES())
    expect(code).toBe(0)
    expect(out).toMatch(/source -> .*target: complete\nrescued 1 MiB, in [\d.]+ s\n$/)
    expect(err).toBe('')
    expect(readFileSync(at('map'), 'utf8')).toContain('0x00000000  0x00100000  +')
  })

  it('lists what is not there, with its status, and ends with 1', async () => {
    randomFile('source', 1 << 20)
    const { code, out } = await rescue(...FILES(), ...DRIVES, '--unreadable', '7,400-440', '--no-scrape')
    expect(code).toBe(1)
    expect(out).toContain('complete but for what is listed\n')
    expect(out).toContain('42 sectors of 512 B not rescued:\n  sector 7: bad\n  sector 400: bad\n')
    expect(out).toContain('  sectors 401 to 439: failed, non-scraped\n  sector 440: bad\n')
    const again = await rescue(...FILES(), '--retry-passes', '1')
    expect(again.code).toBe(0)
    expect(again.out).toContain('rescued 1 MiB, 1,003 KiB of it before')
  })

  it('takes the options of the strategy', async () => {
    randomFile('source', 1 << 20)
    const told = async (...options: string[]): Promise<string> => {
      const { out } = await rescue(
        at('source'),
        at('target'),
        ...DRIVES,
        '--unreadable',
        '400-440',
        '--force',
        ...options,
      )
      return out
    }
    expect(await told('--no-trim')).toContain('  sectors 384 to 511: failed, non-trimmed\n')
    expect(await told('--no-trim', '--cluster-size', '4K')).toContain('  sectors 400 to 447: failed, non-trimmed\n')
    expect(await told('--no-scrape')).toContain('  sectors 401 to 439: failed, non-scraped\n')
    expect(await told()).toContain('  sectors 400 to 440: bad\n')
  })

  it('puts one JSON document on stdout', async () => {
    randomFile('source', 1 << 20)
    const { out } = await rescue(...FILES(), ...DRIVES, '--unreadable', '7', '--json', '--plot', at('plot.svg'))
    expect(JSON.parse(out)).toMatchObject({
      command: 'rescue',
      isComplete: true,
      sourceBytes: 1 << 20,
      rescuedBytes: (1 << 20) - 512,
      badBytes: 512,
      phase: '+',
      notRescued: [{ lba: 7, sectors: 1, status: '-' }],
      plainCopy: { copiedBytes: (1 << 20) - 512 },
    })
  })

  it('plots its bytes over time beside those of a plain copy, the same to the digit every time', async () => {
    randomFile('source', 1 << 20)
    const faults = [
      '--unreadable',
      '100-140',
      '--slow',
      '900-1200x50',
      '--head-dies',
      '50ms:1',
      '--error-time',
      '100ms',
    ]
    const strategy = ['--min-read-rate', '500K', '--skip-size', '8K,64K', '--cluster-size', '16K']
    const texts: string[] = []
    for (const name of ['one', 'two']) {
      const { code, out } = await rescue(
        at('source'),
        at(name),
        ...DRIVES,
        ...faults,
        ...strategy,
        '--plot',
        at(`${name}.svg`),
      )
      expect(code).toBe(1)
      texts.push(out.slice(out.indexOf('on the simulated drives')))
    }
    expect(texts[0]).toContain('a plain copy after\n25 % ')
    expect(texts[1]).toBe(texts[0])
    expect(readFileSync(at('two.svg'), 'utf8')).toBe(readFileSync(at('one.svg'), 'utf8'))
    expect(readFileSync(at('one.svg'), 'utf8')).toMatch(/^<svg xmlns/)
  })

  it.each([
    [['--retry-passes', 'many'], '--retry-passes: found "many"'],
    [['--skip-size', '1K,2K,3K'], '--skip-size: found "1K,2K,3K", expected first[,max]'],
    [['--skip-size', 'far'], '--skip-size: found "far"'],
    [['--cluster-size', '0'], '--cluster-size: found 0, expected a size from 1 B'],
    [['--read-timeout', '5'], '--read-timeout: found "5"'],
    [['--sector-size', '1000'], '--sector-size: found 1000'],
    [['--plot', 'x.svg'], '--plot is for simulated drives'],
    [['--slow', '5-9'], 'for simulated drives: --source-drive'],
    [['--source-drive', 'hdd', '--slow', '9-5'], '--slow: found "9-5", expected sectors such as'],
    [['--source-drive', 'hdd', '--head-dies', '2s'], '--head-dies: found "2s", expected a time and a head'],
    [['--source-drive', 'hdd', '--head-dies', 'x:1'], '--head-dies: found "x"'],
    [['--source-drive', 'hdd', '--error-time', '1'], '--error-time: found "1"'],
    [['--source-drive', 'ideal', '--head-dies', '2s:1'], 'expected a source drive of kind hdd'],
  ])('refuses %j with 2, and writes nothing', async (argv, words) => {
    randomFile('source', 4096)
    const { code, out, err } = await rescue(...FILES(), ...argv)
    expect(code).toBe(2)
    expect(err).toContain(words)
    expect(out).toBe('')
    expect(existsSync(at('target'))).toBe(false)
  })

  it('refuses a map file that is none', async () => {
    randomFile('source', 4096)
    writeFileSync(at('map'), 'what is this\n')
    const { code, err } = await rescue(...FILES())
    expect(code).toBe(2)
    expect(err).toContain('map:1: found "what is this", expected a status line')
  })
})
