// A mistake in what a copy was asked to do: a file that is missing, too small, or the same twice. Nothing was written.

export class ImageInputError extends Error {
  override readonly name = 'ImageInputError'
}
