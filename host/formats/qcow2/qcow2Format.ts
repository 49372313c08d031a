// qcow2, versions 2 and 3 (QEMU, docs/interop/qcow2.rst).

import type { ImageFormat } from '../format'
import { createQcow2 } from './create'
import { isQcow2 } from './header'
import { OPTIONS } from './newOptions'
import { openQcow2 } from './open'

export const qcow2Format: ImageFormat = {
  name: 'qcow2',
  title: "qcow2: QEMU's copy-on-write image",
  extensions: ['qcow2', 'qcow'],
  options: OPTIONS,
  recognises: isQcow2,
  open: (path) => openQcow2(qcow2Format, path),
  create: createQcow2,
}
