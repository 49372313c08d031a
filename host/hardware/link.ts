export interface Frame {
  readonly header: Uint8Array
  readonly data: Uint8Array
}
