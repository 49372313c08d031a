import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { at, randomFile, useDirectory } from '../image/files'
import { image } from '../image/imageCli'

useDirectory()

const codeOf = async (...argv: string[]): Promise<number> => (await image(...argv)).code

/** Sectors of each kind, by the words of the legend. */
function counted(name: string): string {
  return readFileSync(at(name), 'utf8').replace(/<[^>]*>/g, ' ')
}

it('--map draws what was copied, zero and bad', async () => {
  randomFile('disk', 1 << 20, 1, (position) => position >= 1 << 19)
  const drives = ['--source-drive', 'ideal', '--unreadable', '100-102']
  expect(await codeOf('create', at('disk'), at('copy'), '--map', at('map.svg'), ...drives)).toBe(1)
  expect(counted('map.svg')).toMatch(/bad +1\.5 KiB +[<0-9. ]+% +3 sectors +1 area/)
  expect(counted('map.svg')).toMatch(/zeros? +512 KiB +50 %/)
  expect(readFileSync(at('map.svg'), 'utf8')).toMatch(/^<svg/)
})

it('--map draws what differs, as a page', async () => {
  randomFile('a', 1 << 20)
  const bytes = randomFile('b', 1 << 20)
  expect(bytes.length).toBe(1 << 20)
  expect(await codeOf('verify', at('a'), at('b'), '--map', at('map.html'))).toBe(1)
  expect(counted('map.html')).toContain('differs')
  expect(readFileSync(at('map.html'), 'utf8')).not.toContain('<script')
})

it('--map leaves no file where nothing was copied, and wants a name that says what it is', async () => {
  randomFile('a', 5000)
  expect(await codeOf('create', at('nowhere'), at('copy'), '--map', at('map.svg'))).toBe(2)
  expect(await codeOf('create', at('a'), at('copy'), '--map', at('map.png'))).toBe(2)
  expect(existsSync(at('map.svg'))).toBe(false)
  expect(existsSync(at('copy'))).toBe(false)
})
