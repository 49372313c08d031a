// GUIDs as Microsoft stores them: the first three numbers little-endian, the rest byte by byte ([MS-DTYP] 2.3.4.2).

export function guidBytes(text: string): Uint8Array {
  return swapped(Buffer.from(text.replaceAll(/[{}-]/g, ''), 'hex'))
}

export function guidText(bytes: Uint8Array): string {
  const hex = Buffer.from(swapped(bytes)).toString('hex')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

function swapped(bytes: Uint8Array): Uint8Array {
  const view = Buffer.from(bytes)
  view.subarray(0, 4).swap32()
  view.subarray(4, 6).swap16()
  view.subarray(6, 8).swap16()
  return view
}
