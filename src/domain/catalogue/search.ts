import type { ErrorTable } from './errors.ts'

/** Errors of searching. */
export const searchErrors = {
  'search-empty': {
    status: 422,
    title: '没有可以查找的文字',
    help: '请输入至少一个汉字、字母或数字；最多十六个词，词间以空格分开，减号只能排除。',
  },
} as const satisfies ErrorTable
