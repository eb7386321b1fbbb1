import { writeDatabaseTypes } from './database-types.ts';
import { prepareTestCluster, urlOf } from './postgres-cluster.ts';

const { cluster, stop } = await prepareTestCluster();
try {
  await writeDatabaseTypes(urlOf(cluster, cluster.template));
} finally {
  await stop();
}
