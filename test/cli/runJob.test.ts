import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type RunJobInput, runJobWith } from '../../host/cli/runJob'
import { MicrocodeRefused } from '../../host/controller/microcodeRefused'
import { ProgressCell } from '../../host/controller/progressCell'
import { Medium } from '../../host/hardware/medium'
import { PageArena } from '../../host/hardware/pageArena'
import { parseScenario } from '../../host/scenario/parse'
import type { RunOutcome, RunScenario } from '../../host/scenario/runTypes'
import { GeneratorOptionError } from '../../host/workload/generatorOptions'
import { InputError } from '../../host/workload/inputProblem'
import { passed } from '../report/samples'
import { folderWith } from './fakes'

const CONTEXT = { progress: new ProgressCell(), note: () => {} }
const OUTCOME: RunOutcome = { verdict: passed(), arrayState: 'optimal', bayStates: ['in-sync'], events: new Map() }

function jobIn(folder: string, text: string, change: Partial<RunJobInput> = {}): RunJobInput {
  writeFileSync(join(folder, 'm.wasm'), new Uint8Array([0, 97, 115, 109]))
  const parsed = parseScenario(text, join(folder, 's.yaml'))
  if (!parsed.ok) throw new Error('the sample must be valid')
  return {
    scenario: parsed.scenario,
    directory: folder,
    microcodeFile: join(folder, 'm.wasm'),
    seed: 3,
    timelineSpans: 0,
    imageFile: null,
    memberFiles: null,
    ...change,
  }
}

function medium(sectors: number, writes: Readonly<Record<number, number>>): Medium {
  const blank = Medium.blank(new PageArena(4096), 512, sectors)
  for (const [lba, value] of Object.entries(writes)) blank.write(Number(lba), new Uint8Array(512).fill(value))
  return blank
}

describe('the run job', () => {
  it('hands over the module, the texts and the images by the paths of the scenario', () => {
    const folder = folderWith({ 'j.fio': '[a]', 'i.img': 'abcdefgh' })
    const run: RunScenario = (_scenario, files, seed) => {
      expect(seed).toBe(3)
      expect([...files.microcode]).toEqual([0, 97, 115, 109])
      expect(files.texts.get('j.fio')).toBe('[a]')
      const image = files.bytes.get('i.img')!
      const target = new Uint8Array(5)
      expect(image.byteLength).toBe(8)
      expect(image.read(6, target)).toBe(2)
      expect([...target]).toEqual([103, 104, 0, 0, 0])
      return OUTCOME
    }
    const output = runJobWith(run, jobIn(folder, 'image: i.img\nworkload: [{ fio: j.fio }]'), CONTEXT)
    expect(output).toMatchObject({ kind: 'ran', notes: [] })
  })

  it('answers with data that can cross between threads', () => {
    const folder = folderWith({})
    const source = medium(8, {})
    const run: RunScenario = () => ({ ...OUTCOME, lunImage: source, memberImages: [source] })
    expect(() => structuredClone(runJobWith(run, jobIn(folder, '{}'), CONTEXT))).not.toThrow()
  })

  it('writes images that are sparse and equal to the media, lost sectors as zeros, and says so', () => {
    const folder = folderWith({})
    const lun = medium(1 << 16, { 3: 1, 9: 2, 10: 3, 65535: 4 })
    lun.makeUnreadable(9, 1)
    const asked = { imageFile: join(folder, 'lun'), memberFiles: [join(folder, 'b0'), join(folder, 'b1')] }
    const run: RunScenario = (_s, _f, _seed, options) => {
      expect(options).toMatchObject({ wantLunImage: true, wantMemberImages: true })
      return { ...OUTCOME, lunImage: lun, memberImages: [medium(3, { 2: 9 }), null] }
    }
    const output = runJobWith(run, jobIn(folder, '{}', asked), CONTEXT)
    expect(output).toMatchObject({
      writtenBays: [0],
      notes: ['1 sector of the LUN could not be read: zeros in its image'],
    })
    const bytes = readFileSync(join(folder, 'lun'))
    expect(bytes.length).toBe(512 << 16)
    expect([bytes[3 * 512], bytes[9 * 512], bytes[10 * 512], bytes[65535 * 512]]).toEqual([1, 0, 3, 4])
    expect(statSync(join(folder, 'lun')).blocks * 512).toBeLessThan(1 << 20)
    expect([...readFileSync(join(folder, 'b0'))].indexOf(9)).toBe(1024)
  })

  it('says when there is no LUN to image', () => {
    const folder = folderWith({})
    const output = runJobWith(() => OUTCOME, jobIn(folder, '{}', { imageFile: join(folder, 'lun') }), CONTEXT)
    expect(output.kind === 'ran' && output.notes[0]).toContain('the LUN is not served at the end')
  })

  it.each([
    [
      'a line of a job file',
      new InputError({ file: 'j.fio', line: 2, column: 4, found: 'x', expected: 'y' }),
      { file: 'j.fio', line: 2, column: 4, found: 'x' },
    ],
    ['a module', new MicrocodeRefused('descriptor', 'x', 'y'), { file: 'mirror', line: 0, found: 'descriptor: x' }],
    ['an option', new GeneratorOptionError('sizeBytes', 'x', 'y'), { line: 0, found: 'sizeBytes: x', expected: 'y' }],
    [
      'several lines',
      Object.assign(new Error('two'), { problems: [{ file: 'a', line: 1, column: 1, found: 'x', expected: 'y' }] }),
      { file: 'a', line: 1 },
    ],
  ])('tells bad input from a bug: %s', (_what, error, fault) => {
    const folder = folderWith({})
    const run: RunScenario = () => {
      throw error
    }
    const output = runJobWith(run, jobIn(folder, '{}'), CONTEXT)
    expect(output.kind === 'bad-input' && output.faults[0]).toMatchObject(fault)
  })

  it('lets a bug through', () => {
    const run: RunScenario = () => {
      throw new RangeError('off by one')
    }
    expect(() => runJobWith(run, jobIn(folderWith({}), '{}'), CONTEXT)).toThrow('off by one')
  })
})
