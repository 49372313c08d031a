import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type FioParseOptions, parseFioJobFile } from '../../../host/workload/fio/fioJobs'
import { describeProblem } from '../../../host/workload/inputProblem'
import { brief, drive } from '../drive'

const target = { lunSectors: 2048, sectorBytes: 512 }

function parse(text: string, more: Partial<FioParseOptions> = {}) {
  return parseFioJobFile(text, { file: 'job.fio', target, seed: 1, ...more })
}

function jobs(text: string, more: Partial<FioParseOptions> = {}) {
  const result = parse(text, more)
  if (!result.ok) throw new Error(result.problems.map(describeProblem).join('\n'))
  return result.jobs
}

function notes(text: string, more: Partial<FioParseOptions> = {}) {
  const result = parse(text, more)
  return result.ok ? result.notes : ['failed']
}

function problems(text: string, more: Partial<FioParseOptions> = {}) {
  const result = parse(text, more)
  return result.ok ? [] : result.problems.map(describeProblem)
}

/** What the only job of a file issues. */
function issued(options: string, more: Partial<FioParseOptions> = {}) {
  const made = jobs(`[j]\n${options.split(' ').join('\n')}\n`, more)
  expect(made).toHaveLength(1)
  return drive(made[0]!)
}

describe('sections', () => {
  it('inherit from every global above them, and from none below', () => {
    const text = '[global]\nbs=8k\nsize=64k\nrw=write\n[a]\n[global]\nbs=16k\n[b]\nrw=read\n'
    expect(jobs(text).map((job) => brief(drive(job))[0])).toEqual(['write 0+16', 'read 0+32'])
  })

  it('give each clone and each job of the same name its own requests', () => {
    const made = jobs('[global]\nrw=randwrite\nnumber_ios=20\n[a]\nnumjobs=2\n[a]\n[a]\n')
    expect(made.map((job) => job.name)).toEqual(['a.0', 'a.1', 'a', 'a#2'])
    expect(new Set(made.map((job) => brief(drive(job)).join())).size).toBe(4)
  })

  it('wait behind a stonewall', () => {
    const made = jobs('[a]\nstonewall\n[b]\n[c]\nstonewall\nnumjobs=2\n[d]\n')
    expect(made.map((job) => job.stage)).toEqual([0, 0, 1, 1, 1])
  })

  it('have comments at the end of lines, blanks around values, and either line end', () => {
    const text = '; one\r\n# two\r\n[a] ; three\r\n  rw = write # four\r\n\r\nsize\t=\t8k;five\r\n'
    expect(brief(drive(jobs(text)[0]!))).toEqual(['write 0+8', 'write 8+8'])
  })

  it('take variables from the environment that is given', () => {
    const variable = '$'.concat('{SIZE}')
    expect(brief(drive(jobs(`[a]\nsize=${variable}k\n`, { environment: { SIZE: '4' } })[0]!))).toEqual(['read 0+8'])
    expect(problems(`[a]\nsize=${variable}k\n`)).toEqual([
      `job.fio:2:6: found ${variable}, expected an environment variable that is given`,
    ])
  })
})

describe('options', () => {
  it('rw: all modes', () => {
    const ops = (mode: string) => [...new Set(issued(`rw=${mode} size=256k`).map((io) => io.op))].sort().join(' ')
    expect(ops('read')).toBe('read')
    expect(ops('write')).toBe('write')
    expect(ops('trim')).toBe('trim')
    expect(ops('randread')).toBe('read')
    expect(ops('randwrite')).toBe('write')
    expect(ops('randtrim')).toBe('trim')
    for (const mode of ['rw', 'readwrite', 'randrw']) expect(ops(mode)).toBe('read write')
    for (const mode of ['trimwrite', 'randtrimwrite']) expect(ops(mode)).toBe('trim write')
  })

  it('bs: one, per direction, and fio’s empty places', () => {
    const sizes = (bs: string, rw: string) => [
      ...new Set(issued(`rw=${rw} bs=${bs} size=256k`).map((io) => io.sectors)),
    ]
    expect(sizes('8k', 'write')).toEqual([16])
    expect(sizes('8k,16k', 'read')).toEqual([16])
    expect(sizes('8k,16k', 'write')).toEqual([32])
    expect(sizes('8k,16k', 'trim')).toEqual([32])
    expect(sizes('8k,16k,32k', 'trim')).toEqual([64])
    expect(sizes('8k,', 'write')).toEqual([8])
    expect(sizes(',8k', 'read')).toEqual([8])
    expect(sizes(',8k', 'trim')).toEqual([16])
  })

  it('bsrange and bssplit', () => {
    const sizes = (option: string) =>
      new Set(issued(`rw=randwrite norandommap ${option} number_ios=400`).map((io) => io.sectors / 8))
    expect([...sizes('bsrange=4k-16k')].sort()).toEqual([1, 2, 3, 4])
    expect([...sizes('bssplit=4k/50:16k/')].sort()).toEqual([1, 4])
    expect([...sizes('bssplit=4k:8k:16k')].sort()).toEqual([1, 2, 4])
  })

  it('size and offset, in bytes and percent, and io_size', () => {
    expect(brief(issued('size=8k offset=512k'))).toEqual(['read 1024+8', 'read 1032+8'])
    expect(issued('size=25% offset=50%').map((io) => io.lba)).toEqual(
      Array.from({ length: 64 }, (_, i) => 1024 + i * 8),
    )
    expect(issued('size=50% offset=75%')).toHaveLength(64)
    expect(brief(issued('offset=33% number_ios=1'))).toEqual(['read 680+8'])
    expect(issued('size=16k io_size=24k').map((io) => io.lba)).toEqual([0, 8, 16, 24, 0, 8])
    expect(issued('size=16k io_size=50%')).toHaveLength(2)
  })

  it('offset_increment sets clones apart', () => {
    const firsts = (increment: string) =>
      jobs(`[a]\nsize=64k\nnumjobs=3\noffset_increment=${increment}\n`).map((job) => drive(job)[0]!.lba)
    expect(firsts('128k')).toEqual([0, 256, 512])
    expect(firsts('25%')).toEqual([0, 512, 1024])
  })

  it('rwmixread and rwmixwrite: the later one counts', () => {
    const reads = (options: string) => issued(`rw=randrw ${options}`).filter((io) => io.op === 'read').length
    expect(reads('rwmixread=0')).toBe(0)
    expect(reads('rwmixread=0 rwmixwrite=0')).toBe(256)
  })

  it('randseed fixes the requests, whatever the seed of the run', () => {
    const lbas = (options: string, seed: number) =>
      issued(`rw=randread ${options}`, { seed })
        .map((io) => io.lba)
        .join()
    expect(lbas('randseed=7', 1)).toBe(lbas('randseed=7', 2))
    expect(lbas('randseed=7', 1)).not.toBe(lbas('randseed=8', 1))
    expect(lbas('', 1)).not.toBe(lbas('', 2))
  })

  it('norandommap, with and without a value', () => {
    const distinct = (option: string) => new Set(issued(`rw=randread ${option}`).map((io) => io.lba)).size
    expect(distinct('')).toBe(256)
    expect(distinct('norandommap=0')).toBe(256)
    expect(distinct('norandommap')).toBeLessThan(200)
    expect(distinct('norandommap=1')).toBeLessThan(200)
    expect(distinct('random_distribution=zipf:1.2')).toBeLessThan(200)
  })

  it('loops, number_ios, runtime, time_based', () => {
    expect(issued('size=16k loops=3')).toHaveLength(12)
    expect(issued('size=16k number_ios=3')).toHaveLength(3)
    expect(issued('size=16k runtime=1s')).toHaveLength(4)
    expect(issued('size=16k runtime=10ms time_based')).toHaveLength(100)
    expect(issued('size=16k runtime=10ms ramp_time=5ms time_based=1')).toHaveLength(150)
  })

  it('fsync, fdatasync, end_fsync, sync', () => {
    const text = (options: string) =>
      issued(`rw=write size=16k ${options}`)
        .map((io) => io.op[0])
        .join('')
    expect(text('fsync=2')).toBe('wwfwwf')
    expect(text('fdatasync=3')).toBe('wwwfw')
    expect(text('end_fsync=1')).toBe('wwwwf')
    expect(text('fsync=2 end_fsync=1')).toBe('wwfwwf')
    expect(text('fsync=3 fsync_on_close=1')).toBe('wwwfwf')
    expect(issued('rw=write size=16k sync=dsync').every((io) => io.fua)).toBe(true)
    expect(issued('rw=write size=16k sync=none').some((io) => io.fua)).toBe(false)
    expect(issued('rw=read size=16k end_fsync=1')).toHaveLength(4)
  })

  it('verify reads back, and says who checks', () => {
    const text = (options: string) =>
      issued(`rw=write size=16k ${options}`)
        .map((io) => io.op[0])
        .join('')
    for (const method of ['crc32c', 'md5', 'meta', 'pattern', 'xxhash'])
      expect(text(`verify=${method}`)).toBe('wwwwvvvv')
    expect(text('verify=crc32c do_verify=0')).toBe('wwww')
    expect(text('verify=0')).toBe('wwww')
    expect(text('verify=crc32c verify_backlog=2')).toBe('wwvvwwvv')
    expect(text('verify=crc32c verify_only')).toBe('vvvv')
    expect(notes('[a]\nverify=md5\n')[0]).toMatch(/job\.fio:2: verify=md5: the oracle stamps and checks every byte/)
  })

  it('thinktime, rate, rate_iops, startdelay', () => {
    const times = (options: string) => issued(`number_ios=4 ${options}`).map((io) => io.atNs / 1000)
    expect(times('thinktime=900')).toEqual([0, 1000, 2000, 3000])
    expect(times('thinktime=1ms thinktime_blocks=2')).toEqual([0, 100, 1200, 1300])
    expect(times('rate_iops=500')).toEqual([0, 2000, 4000, 6000])
    expect(times('rate=1m')).toEqual([0, 3906.25, 7812.5, 11718.75])
    expect(times('startdelay=2 rate_iops=500')[0]).toBe(2_000_000)
    const spread = times('startdelay=1-3')[0]!
    expect(spread).toBeGreaterThanOrEqual(1e6)
    expect(spread).toBeLessThanOrEqual(3e6)
  })

  it('kb_base decides units wherever it stands', () => {
    const lun = { lunSectors: 4000, sectorBytes: 500 }
    expect(drive(jobs('[a]\nbs=4k\nsize=16k\nkb_base=1000\n', { target: lun })[0]!).map((io) => io.lba)).toEqual([
      0, 8, 16, 24,
    ])
    expect(issued('bs=4ki size=16kb number_ios=1')[0]!.sectors).toBe(8)
  })

  it('caps the depth of a synchronous engine, as fio does', () => {
    const [job] = jobs('[a]\niodepth=8\nioengine=psync\n')
    expect(job!.queueDepth).toBe(1)
    expect(notes('[a]\niodepth=8\nioengine=psync\n').join()).toMatch(
      /iodepth=8: 1, because ioengine=psync is synchronous/,
    )
    expect(jobs('[a]\niodepth=8\n')[0]!.queueDepth).toBe(8)
    expect(jobs('[a]\niodepth=8\nioengine=libaio\n')[0]!.queueDepth).toBe(8)
  })
})

describe('options without meaning here', () => {
  it('are accepted and noted, once each', () => {
    const text = '[global]\ndirect=1\nfilename=/dev/sdx\ngroup_reporting\n[a]\n[b]\n'
    expect(notes(text)).toEqual([
      'job.fio:2: direct: no effect, there is no page cache between a job and the LUN',
      'job.fio:3: filename: no effect, every job works on the LUN itself',
      'job.fio:4: group_reporting: no effect, it concerns what fio prints',
    ])
  })
})

describe('mistakes', () => {
  it.each([
    ['rw=reed', 'job.fio:2:4: found "reed", expected one of read, write, trim,'],
    ['  bs = 4q', 'job.fio:2:8: found "4q", expected a size such as 4k, 1m or 4096'],
    ['bs=1.5k', 'job.fio:2:4: found "1.5k", expected a size'],
    ['bs=1000', 'job.fio:2:4: found 1000 bytes, expected a positive multiple of the sector size, 512 bytes'],
    ['iodeph=4', 'job.fio:2:1: found "iodeph", expected an fio option; did you mean "iodepth"?'],
    ['frobnicate=1', 'job.fio:2:1: found "frobnicate", expected an fio option'],
    ['zonesize=1m', 'job.fio:2:1: found "zonesize", which is not supported, expected no zones'],
    [
      'read_iolog=x',
      'job.fio:2:1: found "read_iolog", which is not supported, expected the trace as a workload of its own',
    ],
    ['include other.fio', 'job.fio:2:1: found include other.fio, expected no include'],
    ['size=2m', 'job.fio:2:6: found 2 MiB, expected at most 1 MiB: the LUN; or size=100%'],
    ['size=101%', 'job.fio:2:6: found "101", expected a percentage from 0 to 100'],
    ['offset=1m', 'job.fio:2:8: found a start at 1 MiB, expected less than the LUN'],
    ['iodepth=0', 'job.fio:2:9: found "0", expected an integer from 1'],
    ['rw=', 'job.fio:2:4: found no value, expected a value'],
    ['direct', ''],
    ['rw', 'job.fio:2:3: found no value, expected a value'],
    ['norandommap=yes', 'job.fio:2:13: found "yes", expected 0 or 1'],
    ['bssplit=4k/60:8k/30', 'job.fio:2:9: found "4k/60:8k/30", expected shares that sum to 100'],
    ['random_distribution=zipf:1.0', 'job.fio:2:21: found "zipf:1.0", expected a theta'],
    ['random_distribution=zoned_abs:1/1', 'job.fio:2:21: found "zoned_abs:1/1", expected random, zipf:theta'],
    ['runtime=5x', 'job.fio:2:9: found "5x", expected a time'],
    ['time_based', 'job.fio:2:11: found no runtime, expected a runtime for time_based to fill'],
    ['verify=sha3', 'job.fio:2:8: found "sha3", expected one of md5'],
  ])('%s', (line, expected) => {
    const found = problems(`[a]\n${line}\n`)
    if (expected === '') expect(found).toEqual([])
    else expect(found[0]).toContain(expected)
  })

  it('are all reported, in order, a global one once', () => {
    const text = '[global]\nbs=x\n[a]\nrw=y\n[b]\nsize=z\n'
    expect(problems(text).map((problem) => problem.split(':').slice(0, 3).join(':'))).toEqual([
      'job.fio:2:4',
      'job.fio:4:4',
      'job.fio:6:6',
    ])
  })

  it('outside sections, and files without jobs', () => {
    expect(problems('bs=4k\n[a]\n')[0]).toBe(
      'job.fio:1:1: found bs=4k, expected a section such as [global] before the first option',
    )
    expect(problems('[global]\nbs=4k\n')[0]).toContain('found no job')
    expect(problems('[a\n')[0]).toContain('job.fio:1:1: found [a, expected a section')
  })

  it('a size beyond the LUN can be cut instead, with a note', () => {
    expect(drive(jobs('[a]\nsize=10g\n', { oversize: 'clamp' })[0]!)).toHaveLength(256)
    expect(notes('[a]\nsize=10g\n', { oversize: 'clamp' })).toEqual([
      'job.fio:2: size: cut from 10 GiB to the 1 MiB that the LUN has',
    ])
  })
})

describe('the sample files', () => {
  it.each(['mixed', 'sequence', 'hotspot'])('%s.fio runs', (name) => {
    const file = `fixtures/workloads/${name}.fio`
    const made = jobs(readFileSync(file, 'utf8'), { file, target: { lunSectors: 131_072, sectorBytes: 512 } })
    for (const job of made) expect(drive(job).length).toBeGreaterThan(500)
  })
})
