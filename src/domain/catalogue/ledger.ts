import type { ErrorTable } from './errors.ts'

/** Errors of ledger files as a whole: the file, the workbook, the mapping. Nothing of the file is imported. */
export const ledgerErrors = {
  'ledger-missing': { status: 404, title: '找不到或无法读取该台账文件', help: '请检查文件路径与读取权限。' },
  'ledger-empty': { status: 422, title: '台账文件是空的', help: '文件中没有表头，请确认选择了正确的文件。' },
  'ledger-too-large': { status: 413, title: '台账文件过大', help: '请拆分成若干文件后分别导入。' },
  'ledger-format-unknown': { status: 415, title: '不认识的文件格式', help: '请使用 .xlsx 工作簿或 CSV 文本文件。' },
  'ledger-changed': { status: 409, title: '文件在预检之后发生了变化', help: '请重新预检，再确认导入。' },
  'ledger-cut-off': { status: 422, title: '文件不完整', help: '上传或复制可能中断，请重新取得完整的文件。' },
  'encoding-invalid': { status: 422, title: '文字编码无法识别', help: '请将文件另存为 UTF-8 或 GB18030 编码的 CSV。' },
  'csv-quote-unclosed': {
    status: 422,
    title: 'CSV 中有引号没有闭合',
    help: '请检查所指的行：从该行起的引号缺少结尾。',
  },
  'csv-quote-invalid': { status: 422, title: 'CSV 中引号的用法有误', help: '单元格内的引号须写成两个引号。' },
  'csv-too-wide': { status: 413, title: 'CSV 的列数或单元格过大', help: '请检查分隔符，并拆分过长的内容。' },
  'xls-unsupported': { status: 415, title: '不支持 97–2003 版 .xls 工作簿', help: '请另存为 .xlsx 后再导入。' },
  'xlsb-unsupported': { status: 415, title: '不支持二进制工作簿 .xlsb', help: '请另存为 .xlsx 后再导入。' },
  'ods-unsupported': { status: 415, title: '不支持 .ods 表格', help: '请另存为 .xlsx 后再导入。' },
  'workbook-encrypted': { status: 422, title: '工作簿设有密码', help: '请去除打开密码并另存为 .xlsx。' },
  'workbook-macros': { status: 422, title: '工作簿含有宏', help: '请另存为不含宏的 .xlsx 后再导入。' },
  'workbook-broken': { status: 422, title: '工作簿内容损坏', help: '请用表格软件打开并重新另存为 .xlsx。' },
  'zip-broken': { status: 422, title: '压缩包损坏或不完整', help: '请重新取得完整的文件，或重新另存为 .xlsx。' },
  'zip-bomb': { status: 413, title: '压缩包解开后过大', help: '文件解开后的大小超过限制，已拒绝读取。' },
  'zip-not-workbook': { status: 415, title: '压缩包里没有工作簿', help: '请选择 .xlsx 文件，而不是压缩包。' },
  'sheet-missing': { status: 422, title: '没有对应关系所指的工作表', help: '请核对工作表名称。' },
  'sheet-ambiguous': { status: 422, title: '有多个工作表含有内容', help: '请在对应关系的 sheet 中写明要导入哪一个。' },
  'mapping-invalid': {
    status: 422,
    title: '对应关系文件不符合要求',
    help: '请按 errors 所列位置改正，格式见 docs/ledgers.md。',
  },
  'mapping-column-missing': {
    status: 422,
    title: '对应关系所指的列在文件中不存在',
    help: '请核对列名，须与表头一致。',
  },
  'mapping-column-twice': { status: 422, title: '对应关系中同一列用了两次', help: '每一列只能有一个用途。' },
  'column-ambiguous': { status: 422, title: '表头中有同名的列', help: '对应关系所用的列名在表头中须只出现一次。' },
  'import-rows-refused': {
    status: 422,
    title: '有的行不能导入，因此整个文件都没有导入',
    help: '请按所列的行、列与原因改正后重试。',
  },
} as const satisfies ErrorTable

export type LedgerErrorCode = keyof typeof ledgerErrors

/**
 * Why one row was refused: code → Chinese reason. `{value}` style places are filled from the problem's detail, which
 * never holds personal data.
 */
export const rowReasons = {
  'row-ragged': '该行有 {found} 个单元格，表头有 {expected} 列',
  'cell-too-long': '单元格有 {found} 个字，最多 {expected} 个字',
  'row-too-large': '该行内容共 {found} 字节，一条记录最多容纳 {expected} 字节',
  'cell-error': '单元格是表格软件的错误值 {value}',
  'formula-without-value': '单元格是公式，但文件中没有保存它的结果；公式不会被计算',
  'replacement-character': '单元格中有无法还原的乱码字符',
  'key-empty': '编号列为空，无法确定是哪一件',
  'date-unreadable': '看不懂的日期或时间写法',
  'date-impossible': '不存在的日期或时间',
  'date-out-of-range': '日期超出 1900 至 2199 年的范围',
  'date-in-future': '发生的时间晚于现在',
  'number-imprecise': '数字超过 15 位，表格软件已丢失末尾各位；请将该列设为文本后重新填写',
  'number-unreadable': '不是数字',
  'status-unknown': '状态的写法不在对应关系所列之中',
  'accepted-before-received': '受理早于收到',
  'replied-before-received': '答复早于收到',
  'closed-before-received': '办结早于收到',
  'row-changed': '与此前导入的内容不同；此前有值的列不能改变，请在案件中更正',
  'key-too-long': '编号有 {found} 个字，最多 {expected} 个字',
  'row-conflict': '该案件正被他人修改，未能导入，请再次运行',
  'row-rejected': '系统拒绝了该行：{value}',
} as const satisfies Readonly<Record<string, string>>

export type RowProblemCode = keyof typeof rowReasons

/** The Chinese reason of a row's refusal. */
export const rowReason = (code: RowProblemCode, detail: Readonly<Record<string, string | number>> = {}): string =>
  rowReasons[code].replace(/\{(\w+)\}/g, (_, name: string) => String(detail[name] ?? ''))
