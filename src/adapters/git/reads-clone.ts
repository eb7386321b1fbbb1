const TIMEOUT_MS = 10_000;

/** Whether a git remote lets this password read; the status it answers with otherwise. */
export async function readsClone(url: string, user: string, password: string): Promise<true | number> {
  const credentials = Buffer.from(`${user}:${password}`).toString('base64');
  const answer = await fetch(`${url}/info/refs?service=git-upload-pack`, {
    headers: { authorization: `Basic ${credentials}` },
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await answer.body?.cancel();
  return answer.status === 200 ? true : answer.status;
}
