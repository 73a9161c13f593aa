/** What the system must give for the harder faults: mounts in a namespace of their own, so that nothing is left behind, and strace. */
import { spawnSync } from 'node:child_process'

const works = (command: string, ...given: string[]): boolean =>
  spawnSync(command, given, { stdio: 'ignore' }).status === 0

/** How to run something with mounts of its own: as root, else as root of a user namespace; undefined where neither is allowed. */
export const namespace: readonly string[] | undefined = [
  ['unshare', '-m'],
  ['unshare', '-r', '-m'],
].find(([command, ...given]) => works(command!, ...given, 'sh', '-c', 'mount -t tmpfs tmpfs /tmp'))

/** Whether system calls can be made to fail and to kill. */
export const hasStrace = works('strace', '-f', '-o', '/dev/null', '-e', 'inject=getuid:error=EIO:when=1', 'true')

/** Whether a file system of its own can be cut off as by a power failure: ext4 on a loop device, and its shutdown ioctl. */
export const canLosePower =
  namespace !== undefined &&
  namespace[1] === '-m' &&
  works('sh', '-c', 'command -v mkfs.ext4 && command -v python3') &&
  works('sh', '-c', 'command -v losetup && losetup -f')

/** Says why a case is not run, where nobody can miss it. */
export const loudly = (what: string, why: string): string => {
  console.error(`SKIPPED ${what}: ${why}`)
  return why
}

/** On a memory file system of so many KiB, holding a copy of `from`; what it holds afterwards is copied to `to`. */
export const onSmallDisk = (kib: number, from: string, at: string, to: string): readonly string[] => [
  ...namespace!,
  'sh',
  '-c',
  `mkdir -p "${at}" "${to}" && mount -t tmpfs -o size=${kib}k tmpfs "${at}" && cp -a "${from}/." "${at}" || exit 99
   "$@"; code=$?; cp -a "${at}/." "${to}"; exit $code`,
  'sh',
]

/** On a read-only file system. */
export const onReadOnlyDisk = (directory: string): readonly string[] => [
  ...namespace!,
  'sh',
  '-c',
  `mount --bind "${directory}" "${directory}" && mount -o remount,bind,ro "${directory}" || exit 99
   exec "$@"`,
  'sh',
]

/** On an ext4 file system whose power is cut when the process has ended: what was not synced is gone. */
export const withPowerCut = (from: string, at: string, to: string): readonly string[] => [
  ...namespace!,
  'sh',
  '-c',
  `mkdir -p "${at}" "${to}" && truncate -s 64M "${at}.img" && mkfs.ext4 -q "${at}.img" && mount -o loop "${at}.img" "${at}" || exit 99
   cp -a "${from}/." "${at}" && sync -f "${at}" || exit 99
   "$@"
   python3 -c 'import fcntl,os,struct,sys; fcntl.ioctl(os.open(sys.argv[1], 0), 0x8004587d, struct.pack("I", 2))' "${at}" || exit 98
   umount -l "${at}"; mount -o loop "${at}.img" "${at}" || exit 97
   cp -a "${at}/." "${to}"; umount "${at}"; rm -f "${at}.img"`,
  'sh',
]

/** With system calls on one file made to fail or to kill (not with `--seccomp-bpf`, under which signals are not delivered). @param inject as strace has it, e.g. `fsync:error=EIO:when=2` */
export const withInjection = (path: string, inject: string, log: string): readonly string[] => [
  'strace',
  '-f',
  '-qq',
  '-o',
  log,
  '-P',
  path,
  '-e',
  `trace=${inject.split(':')[0]}`,
  '-e',
  `inject=${inject}`,
]
