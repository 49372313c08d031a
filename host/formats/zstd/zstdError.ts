// Bytes that are no zstd frame, or not a whole one.

export class ZstdError extends Error {
  override readonly name = 'ZstdError'
}
