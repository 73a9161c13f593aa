import type { ErrorTable } from './errors.ts'
import type { TermTable } from './terms.ts'

/** Errors of personal data and evidence. `vault-unavailable` stands with the common ones. */
export const trustErrors = {
  'master-key-exposed': {
    status: 500,
    title: '主密钥文件可被他人读取，已拒绝使用',
    help: '请将主密钥文件的权限改为 0600，并考虑更换主密钥。',
  },
  'master-key-invalid': {
    status: 500,
    title: '主密钥文件无法读取或格式不正确',
    help: '请检查文件路径，或从安全保管处取回原主密钥文件。',
  },
  'subject-restricted': {
    status: 409,
    title: '此人的个人信息已限制处理',
    help: '限制处理期间只保存、不使用；请联系个人信息保护负责人。',
  },
  'subject-destroyed': {
    status: 409,
    title: '此人的个人信息已删除',
    help: '已删除的主体下不能再写入内容；确有需要请另行登记。',
  },
  'evidence-empty': { status: 422, title: '文件是空的', help: '请检查文件后重新上传。' },
  'evidence-too-large': { status: 413, title: '文件超过大小上限', help: '请拆分或压缩后上传。' },
  'evidence-type-refused': {
    status: 415,
    title: '不接受这种文件',
    help: '可上传 PDF、OFD、图片、录音、录像、Word、Excel、PowerPoint（新格式，不含宏）和纯文本；类型按文件内容判断。',
  },
  'evidence-unknown': { status: 404, title: '没有这份证据材料', help: '请在本案的材料清单中选择。' },
  'evidence-damaged': {
    status: 500,
    title: '证据材料与登记的校验值不符',
    help: '文件可能已损坏或被改动；请管理员运行 duban verify，并从备份中恢复。',
  },
} as const satisfies ErrorTable

export const trustTerms = {
  /** Shown for a file that came without a usable name. */
  'evidence.unnamed': '未命名',
} as const satisfies TermTable
