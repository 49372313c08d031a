// Names of the types of MBR partitions that are met today. No standard lists them; the numbers are those of UEFI 2.10 section 5.2 (EEh,
// EFh) and of Andries Brouwer's list "Partition types", which fdisk follows too.

export const MBR_EXTENDED: ReadonlySet<number> = new Set([0x05, 0x0f, 0x85])
/** UEFI 2.10 table 5-5: the disk belongs to a GPT. */
export const MBR_PROTECTIVE = 0xee

const NAMES: ReadonlyMap<number, string> = new Map([
  [0x01, 'FAT12'],
  [0x04, 'FAT16, less than 32 MiB'],
  [0x05, 'extended'],
  [0x06, 'FAT16'],
  [0x07, 'NTFS or exFAT'],
  [0x0b, 'FAT32'],
  [0x0c, 'FAT32, LBA'],
  [0x0e, 'FAT16, LBA'],
  [0x0f, 'extended, LBA'],
  [0x11, 'hidden FAT12'],
  [0x14, 'hidden FAT16, less than 32 MiB'],
  [0x16, 'hidden FAT16'],
  [0x17, 'hidden NTFS'],
  [0x1b, 'hidden FAT32'],
  [0x1c, 'hidden FAT32, LBA'],
  [0x1e, 'hidden FAT16, LBA'],
  [0x27, 'Windows recovery'],
  [0x42, 'Windows dynamic disk'],
  [0x82, 'Linux swap'],
  [0x83, 'Linux'],
  [0x85, 'Linux extended'],
  [0x8e, 'Linux LVM'],
  [0xa5, 'FreeBSD'],
  [0xa6, 'OpenBSD'],
  [0xa9, 'NetBSD'],
  [0xaf, 'HFS or HFS+'],
  [0xbe, 'Solaris boot'],
  [0xbf, 'Solaris'],
  [0xcd, 'ISO 9660 of a hybrid image'],
  [0xda, 'data without a file system'],
  [0xea, 'Linux extended boot'],
  [0xee, 'GPT protective'],
  [0xef, 'EFI system'],
  [0xfb, 'VMware VMFS'],
  [0xfd, 'Linux RAID, found by the kernel'],
])

export function mbrTypeName(type: number): string | null {
  return NAMES.get(type) ?? null
}
