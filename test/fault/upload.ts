/** A file as a browser sends it. */
export async function upload(content: string): Promise<{ payload: Buffer; headers: { 'content-type': string } }> {
  const form = new FormData()
  form.append('file', new File([Buffer.from(`%PDF-1.4\n% ${content}\n%%EOF\n`)], 'file.pdf'))
  const request = new Request('http://localhost/', { method: 'POST', body: form })
  return {
    payload: Buffer.from(await request.arrayBuffer()),
    headers: { 'content-type': request.headers.get('content-type')! },
  }
}
