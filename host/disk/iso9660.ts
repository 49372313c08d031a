// An ISO 9660 volume: what its descriptors and the root directory say. The tree of files is read by isoTree.ts.

import { bootPlatforms, type IsoDescriptors, logicalBlockBytes, longTime, readIsoDescriptors } from './isoDescriptors'
import { hasRockRidge } from './rockRidge'
import { type Fact, type Place, type Volume, volume } from './volume'

const PRIMARY_BYTES = 32768

/** Texts of the primary descriptor that are worth a line: ECMA-119 8.4, offset and length. */
const TEXTS: readonly (readonly [name: string, at: number, length: number])[] = [
  ['systemId', 8, 32],
  ['volumeSetId', 190, 128],
  ['publisherId', 318, 128],
  ['applicationId', 574, 128],
]

export async function recogniseIso({ window }: Place): Promise<Volume | null> {
  const descriptors = await readIsoDescriptors(window)
  if (!descriptors) return null
  const { primary, joliet, bootCatalogSector } = descriptors
  const isRockRidge = await hasRockRidge(window, primary)
  const platforms = bootCatalogSector === null ? [] : await bootPlatforms(window, bootCatalogSector)
  const extensions = [
    ...(isRockRidge ? ['Rock Ridge'] : []),
    ...(joliet ? ['Joliet'] : []),
    ...(bootCatalogSector === null ? [] : ['El Torito']),
  ]
  return volume(window, PRIMARY_BYTES, {
    type: 'iso9660',
    title: extensions.length > 0 ? `ISO 9660 (${extensions.join(', ')})` : 'ISO 9660',
    label: labelOf(descriptors),
    // blkid(8) takes the time of the last change, or else of the making, for an identity.
    uuid: longTime(primary, 830) ?? longTime(primary, 813),
    sizeBytes: primary.u32(80) * logicalBlockBytes(primary),
    facts: { ...textsOf(descriptors), hasRockRidge: isRockRidge, hasJoliet: joliet !== null, ...bootFacts(platforms) },
    notes: [...descriptors.notes, ...bothEndianNotes(descriptors)],
  })
}

function bootFacts(platforms: readonly string[]): Record<string, Fact> {
  return platforms.length > 0 ? { boots: platforms.join(', ') } : {}
}

function textsOf({ primary }: IsoDescriptors): Record<string, Fact> {
  const found = TEXTS.map(([name, at, length]) => [name, primary.latin1(at, length)] as const)
  return Object.fromEntries(found.filter(([, text]) => text !== ''))
}

/** The longer one where Joliet's is the same name in full: 16 characters of two bytes against 32 capitals. */
function labelOf({ primary, joliet }: IsoDescriptors): string {
  const plain = primary.text(40, 32)
  const wide = joliet ? joliet.utf16be(40, 32).trimEnd() : ''
  const isSame = wide !== '' && plain.slice(0, wide.length).toUpperCase() === wide.toUpperCase().slice(0, plain.length)
  return isSame && wide.length >= Math.min(16, plain.length) && plain.length <= 16 ? wide : plain || wide
}

/** ECMA-119 7.3.3: numbers stand there twice, in both orders. */
function bothEndianNotes({ primary }: IsoDescriptors): string[] {
  return primary.u32(80) === primary.u32be(84) ? [] : ['its size stands there twice, with two values']
}
