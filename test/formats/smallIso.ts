// A small ISO 9660 volume with a boot catalog, one folder and two files, made by hand: small enough to be damaged at every byte.
//
//   16 primary descriptor, 17 boot record, 18 terminator, 19 little path table, 20 big path table, 21 root, 22 folder, 23 boot catalog,
//   24 FOLDER/INNER.TXT, 25 and 26 OUTER.TXT

export const SECTOR = 2048
export const SMALL_ISO_SECTORS = 27
/** Behind the boot record, which says where it is. */
export const BOOT_CATALOG = 23
const [ROOT, FOLDER, INNER, OUTER] = [21, 22, 24, 25]
const OUTER_BYTES = 3000

export function smallIso(label = 'SMALL'): Buffer {
  const image = Buffer.alloc(SMALL_ISO_SECTORS * SECTOR)
  primary(image.subarray(16 * SECTOR), label)
  identify(image.subarray(17 * SECTOR), 0)
  image.write('EL TORITO SPECIFICATION', 17 * SECTOR + 7)
  image.writeUInt32LE(BOOT_CATALOG, 17 * SECTOR + 71)
  identify(image.subarray(18 * SECTOR), 255)
  pathTable(image.subarray(19 * SECTOR), 'LE')
  pathTable(image.subarray(20 * SECTOR), 'BE')
  const self = (sector: number, up: number) => [record(sector, SECTOR, 2, '\0'), record(up, SECTOR, 2, '\x01')]
  const root = [...self(ROOT, ROOT), record(FOLDER, SECTOR, 2, 'FOLDER'), record(OUTER, OUTER_BYTES, 0, 'OUTER.TXT;1')]
  Buffer.concat(root).copy(image, ROOT * SECTOR)
  Buffer.concat([...self(FOLDER, ROOT), record(INNER, 100, 0, 'INNER.TXT;1')]).copy(image, FOLDER * SECTOR)
  bootCatalog(image.subarray(BOOT_CATALOG * SECTOR))
  image.fill('inner text ', INNER * SECTOR, INNER * SECTOR + 100)
  image.fill('outer text, and more of it ', OUTER * SECTOR, OUTER * SECTOR + OUTER_BYTES)
  return image
}

function identify(view: Buffer, type: number): void {
  view[0] = type
  view.write('CD001\x01', 1)
}

function primary(view: Buffer, label: string): void {
  identify(view, 1)
  view.fill(' ', 8, 72).write('PLATTERLAB', 8)
  view.write(label, 40)
  both32(view, 80, SMALL_ISO_SECTORS)
  both16(view, 120, 1)
  both16(view, 124, 1)
  both16(view, 128, SECTOR)
  both32(view, 132, 26)
  view.writeUInt32LE(19, 140)
  view.writeUInt32BE(20, 148)
  record(ROOT, SECTOR, 2, '\0').copy(view, 156)
  view.fill(' ', 190, 813)
  for (const at of [813, 830, 847, 864]) view.write('2001020304050600', at)
  view[881] = 1
}

function pathTable(view: Buffer, order: 'LE' | 'BE'): void {
  const entry = (at: number, name: string, sector: number) => {
    view[at] = name.length
    if (order === 'LE') view.writeUInt32LE(sector, at + 2)
    else view.writeUInt32BE(sector, at + 2)
    if (order === 'LE') view.writeUInt16LE(1, at + 6)
    else view.writeUInt16BE(1, at + 6)
    view.write(name, at + 8, 'latin1')
  }
  entry(0, '\0', ROOT)
  entry(10, 'FOLDER', FOLDER)
}

function record(sector: number, bytes: number, flags: number, name: string): Buffer {
  const length = 33 + name.length + (name.length % 2 === 0 ? 1 : 0)
  const view = Buffer.alloc(length)
  view[0] = length
  both32(view, 2, sector)
  both32(view, 10, bytes)
  Buffer.from([101, 2, 3, 4, 5, 6, 0]).copy(view, 18)
  view[25] = flags
  both16(view, 28, 1)
  view[32] = name.length
  view.write(name, 33, 'latin1')
  return view
}

function bootCatalog(view: Buffer): void {
  view[0] = 1
  view.writeUInt16BE(0x55aa, 30)
  let sum = 0
  for (let at = 0; at < 32; at += 2) sum += view.readUInt16LE(at)
  view.writeUInt16LE(-sum & 0xffff, 28)
  view[32] = 0x88
  view.writeUInt16LE(4, 32 + 6)
  view.writeUInt32LE(INNER, 32 + 8)
}

function both32(view: Buffer, at: number, value: number): void {
  view.writeUInt32LE(value, at)
  view.writeUInt32BE(value, at + 4)
}

function both16(view: Buffer, at: number, value: number): void {
  view.writeUInt16LE(value, at)
  view.writeUInt16BE(value, at + 2)
}
