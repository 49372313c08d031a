import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { SUPPORTED } from '../../host/workload/fio/supported'

const page = readFileSync(new URL('../../docs/workloads.md', import.meta.url), 'utf8')

it('the page of workloads lists exactly the fio options that are carried out', () => {
  const [, list] = /Options that are carried out:\n\n([\s\S]*?)\n\n/.exec(page) ?? []
  const listed = [...list!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)
  expect(listed.sort()).toEqual(Object.keys(SUPPORTED).sort())
})
