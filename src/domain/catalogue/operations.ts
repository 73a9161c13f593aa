import type { ErrorTable } from './errors.ts'

/** Errors of running the installation: backups, restoring them, and moving the whole to another place. */
export const operationsErrors = {
  'backup-target-not-empty': { status: 409, title: '备份目录不是空的', help: '请指定一个新的或空的目录。' },
  'backup-target-unwritable': {
    status: 500,
    title: '备份目录无法写入',
    help: '请检查该目录的权限、只读状态与剩余空间；没有清单文件的目录不是备份，可以删除。',
  },
  'backup-directory-invalid': {
    status: 422,
    title: '备份目录名无效',
    help: '只填写一个名称（字母、数字、点、横线、下划线），备份存放在服务所配置的备份位置之下。',
  },
  'backup-not-configured': {
    status: 409,
    title: '服务没有配置备份位置',
    help: '请设置 DUBAN_BACKUPS 后重新启动，或在服务器上运行 duban backup。',
  },
  'backup-running': { status: 409, title: '另一次备份正在进行', help: '请等它结束后再试。' },
  'backup-verification-failed': {
    status: 500,
    title: '备份写完后核对不一致',
    help: '这次备份不能使用；请运行 duban verify 检查数据与磁盘，然后重新备份。',
  },
  'backup-incomplete': {
    status: 422,
    title: '这个目录不是完整的备份',
    help: '缺少清单文件 manifest.json，备份可能中途停止；请使用另一份备份。',
  },
  'backup-damaged': {
    status: 422,
    title: '备份已损坏或被改动',
    help: '有文件与清单不符，没有替换任何数据；请使用另一份备份。',
  },
  'backup-format-unknown': {
    status: 422,
    title: '备份的格式不被本程序支持',
    help: '备份可能由更新版本的程序写成，请用该版本恢复。',
  },
  'restore-unfinished': {
    status: 503,
    title: '此目录的恢复没有做完',
    help: '请再次运行 duban restore，它会接着做完。',
  },
  'master-key-mismatch': {
    status: 409,
    title: '主密钥不是这份备份的密钥库所用的',
    help: '没有替换任何数据；请取回与该备份同一安装的主密钥文件。',
  },
  'master-key-in-the-way': {
    status: 409,
    title: '已有另一个主密钥文件',
    help: '主密钥从不被覆盖；请先将原文件移到安全的地方保管，再运行恢复。',
  },
  'backup-of-cluster': {
    status: 409,
    title: '集群的数据不能这样备份',
    help: '记录、密钥库与证据材料各在其所，请分别备份：步骤见运维手册。',
  },
  'migrate-in-use': {
    status: 409,
    title: '来源或目标还有服务在运行',
    help: '请先停止来源和目标的全部服务节点，再搬迁。',
  },
  'migrate-target-differs': {
    status: 409,
    title: '目标处已有别的数据',
    help: '目标须是空的，或者所存的记录与来源从头起逐字相同；没有写入任何数据。',
  },
  'migrate-target-changed': {
    status: 409,
    title: '搬迁途中目标被别的程序写入',
    help: '这个目标不能再用：请查明是谁写入的，另备一个空的目标，重新搬迁；来源没有改动。',
  },
  'migrate-vault-differs': {
    status: 409,
    title: '目标的密钥库不是这套数据的',
    help: '没有写入任何数据；请改用空的密钥库（新的数据目录，或 VAULT_URL 指向空的数据库）。',
  },
  'migrate-master-key': {
    status: 409,
    title: '主密钥打不开来源的密钥库',
    help: '请用 DUBAN_MASTER_KEY_FILE 指明来源的主密钥文件；搬迁从不复制主密钥，目标的每个节点须放置同一个文件。',
  },
  'migrate-source-incomplete': {
    status: 409,
    title: '来源的数据不完整',
    help: '记录的版本有缺口、没有密钥库，或记录所指的证据材料不在：请先运行 duban verify；证据材料另存他处的，用 --from-evidence 指明。',
  },
} as const satisfies ErrorTable
