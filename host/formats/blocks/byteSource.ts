// What the tables of an image are read from: a file, or a file as a log in it says that it ought to be.

import type { ImageFile } from '../imageFile'

export type ByteSource = Pick<ImageFile, 'path' | 'sizeBytes' | 'readInto' | 'readBytes' | 'damage' | 'close'>
