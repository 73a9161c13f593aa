import type { ErrorTable } from './errors.ts'

/** Errors of imports as jobs of the service. */
export const importErrors = {
  'import-running': {
    status: 409,
    title: '另一项导入正在进行',
    help: '本系统同一时间只进行一项导入；请待其结束或取消后再试。',
  },
  'import-not-checked': {
    status: 409,
    title: '该导入当前不能确认',
    help: '预检结束且没有整体错误的导入才能确认，且只能确认一次；请查看其状态。',
  },
  'import-finished': { status: 409, title: '该导入已经结束，不能取消', help: '已导入的内容如有误，请在案件中更正。' },
  'import-file-missing': {
    status: 422,
    title: '请求中没有台账文件',
    help: '请以 multipart/form-data 提交 file（台账）与 mapping（对应关系，JSON 或随附对应关系的名称）。',
  },
  'mapping-unknown': {
    status: 422,
    title: '没有这个名称的随附对应关系',
    help: '请提交完整的对应关系 JSON，或核对名称。',
  },
  'ledger-run-inconsistent': { status: 422, title: '导入的计数不一致', help: '请重新运行导入。' },
} as const satisfies ErrorTable
