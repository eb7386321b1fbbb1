import type { FastifyInstance } from 'fastify';
import { assets } from '#web/assets.ts';

/** The pages' own few files. Their names carry a hash of their content, so browsers may keep them for good. */
export function assetRoutes(app: FastifyInstance): void {
  for (const asset of assets) {
    app.get(asset.path, async (_request, reply) =>
      reply
        .header('cache-control', 'public, max-age=31536000, immutable')
        .type(asset.type)
        .send(asset.content),
    );
  }
}
