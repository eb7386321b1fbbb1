import fastify from 'fastify';
import pg from 'pg';

/*
 * What webhook intake is compared with: a fastify route that stores the body and the job for it, and does nothing else.
 * It checks no signature and no body, and logs nothing.
 */
const pool = new pg.Pool({ connectionString: process.argv[2], max: 12 });
const app = fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

app.post('/', async (request, reply) => {
  await pool.query(
    `with stored as (
        insert into webhook_deliveries (source, delivery_key, event, repository, body)
        values ('gitlab', $1, 'merge-request', 1, $2) on conflict (source, delivery_key) do nothing returning id)
      insert into outbox (effect, payload)
      select 'handle-delivery', jsonb_build_object('deliveryId', id) from stored returning id`,
    [request.headers['webhook-id'], (request.body as Buffer).toString('utf8')],
  );
  return reply.code(200).send();
});

const url = await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${JSON.stringify({ url })}\n`);
