// The version of the package, taken into the bundle at build time.

import { version } from '../../package.json'

export const VERSION: string = version
