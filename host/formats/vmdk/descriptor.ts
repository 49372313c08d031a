// The descriptor of a VMDK: a text, in a file of its own or inside a sparse extent. VMware, "Virtual Disk Format 5.0", "The Descriptor File".

export interface ExtentLine {
  readonly access: string
  readonly sectors: number
  readonly type: string
  /** Empty for ZERO. */
  readonly fileName: string
  /** Of a flat extent. */
  readonly offsetSectors: number
}

export interface Descriptor {
  readonly createType: string
  /** Changes with the content. */
  readonly cid: string
  /** null: no parent. */
  readonly parent: { readonly cid: string; readonly fileName: string } | null
  readonly extents: readonly ExtentLine[]
}

const NO_PARENT = 'ffffffff'
const SIGNATURE = /^# Disk Descriptor ?File/i

export function isDescriptor(head: Uint8Array): boolean {
  return SIGNATURE.test(Buffer.from(head.subarray(0, 32)).toString('latin1'))
}

export function parseDescriptor(text: string): Descriptor | string {
  if (!SIGNATURE.test(text)) return 'no descriptor of a virtual disk'
  const values = new Map<string, string>()
  const extents: ExtentLine[] = []
  for (const line of text.replace(/\0.*$/s, '').split(/\r?\n/)) {
    const extent = parseExtentLine(line)
    if (extent) extents.push(extent)
    const [, name, value] = /^\s*([\w.]+)\s*=\s*"?(.*?)"?\s*$/.exec(line) ?? []
    if (name !== undefined) values.set(name.toLowerCase(), value!)
  }
  const parentCid = values.get('parentcid')?.toLowerCase() ?? NO_PARENT
  if (extents.length === 0) return 'the descriptor names no extent'
  return {
    createType: values.get('createtype') ?? '',
    cid: values.get('cid')?.toLowerCase() ?? '',
    parent: parentCid === NO_PARENT ? null : { cid: parentCid, fileName: values.get('parentfilenamehint') ?? '' },
    extents,
  }
}

/** RW 4192256 SPARSE "disk-s001.vmdk" */
function parseExtentLine(line: string): ExtentLine | null {
  const parts = /^\s*(RW|RDONLY|NOACCESS)\s+(\d{1,13})\s+([A-Z0-9]+)(?:\s+"([^"]*)"(?:\s+(\d{1,13}))?)?/.exec(line)
  if (!parts) return null
  const [, access, sectors, type, fileName, offset] = parts
  return {
    access: access!,
    sectors: Number(sectors),
    type: type!,
    fileName: fileName ?? '',
    offsetSectors: Number(offset ?? 0),
  }
}

export interface NewDescriptor {
  readonly createType: string
  readonly cid: string
  readonly diskSectors: number
  readonly extent: string
}

const [HEADS, TRACK_SECTORS, CYLINDERS_MAX] = [16, 63, 16383]

export function descriptorText({ createType, cid, diskSectors, extent }: NewDescriptor): string {
  const cylinders = Math.min(CYLINDERS_MAX, Math.ceil(diskSectors / (HEADS * TRACK_SECTORS)))
  return [
    '# Disk DescriptorFile',
    'version=1',
    `CID=${cid}`,
    `parentCID=${NO_PARENT}`,
    `createType="${createType}"`,
    '',
    '# Extent description',
    extent,
    '',
    '# The Disk Data Base',
    '#DDB',
    '',
    'ddb.virtualHWVersion = "4"',
    `ddb.geometry.cylinders = "${cylinders}"`,
    `ddb.geometry.heads = "${HEADS}"`,
    `ddb.geometry.sectors = "${TRACK_SECTORS}"`,
    'ddb.adapterType = "ide"',
    '',
  ].join('\n')
}
