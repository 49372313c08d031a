/** An image is not as its format says, or a checksum in it is wrong. */
export class DamagedImage extends Error {
  override readonly name = 'DamagedImage'

  constructor(
    readonly file: string,
    readonly fileOffsetBytes: number,
    readonly text: string,
  ) {
    super(`${file}, at byte ${fileOffsetBytes}: ${text}`)
  }
}
