import { createHmac } from 'node:crypto';

/** `X-Hub-Signature` as Atlassian's page on securing admin webhooks gives it: HMAC-SHA256 over the raw bytes, in hex. */
export function hubSignature(secret: string, body: string): string {
  return `sha256=${createHmac('sha256', secret).update(body, 'utf8').digest('hex')}`;
}
