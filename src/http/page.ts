/** Small pages made on the server: no script, every text escaped. */
const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
export const escapeHtml = (text: string | number): string =>
  String(text).replace(/[&<>"']/g, (character) => escapes[character]!)

const STYLE =
  'body{font-family:system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;line-height:1.6;color:#111}' +
  'table{border-collapse:collapse;width:100%}th,td{border:1px solid #777;padding:.3rem .5rem;text-align:left}' +
  'fieldset{margin:1rem 0}label{display:inline-block;margin:.25rem 1rem .25rem 0}textarea{box-sizing:border-box;font:inherit;width:100%;min-height:6rem}button{font-size:1rem;padding:.7rem 2rem}' +
  '@media print{body{margin:0;max-width:none}}'

/** A whole page; `body` is HTML. */
export const page = (title: string, body: string): string =>
  `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="referrer" content="no-referrer"><title>${escapeHtml(title)}</title><style>${STYLE}</style></head><body><main>${body}</main></body></html>`
