# syntax=docker/dockerfile:1
# One image for the server, the workers, the migration and the command line; docker-compose.yml says which is which.
# Debian, not Alpine: terraform's providers and Node's own binaries are tried on glibc. There is no build step.

ARG NODE_IMAGE=node:24-bookworm-slim
ARG TERRAFORM_IMAGE=hashicorp/terraform:1.11
# For OpenTofu: --build-arg TERRAFORM_IMAGE=ghcr.io/opentofu/opentofu:1.10-minimal --build-arg TERRAFORM_BIN=/usr/local/bin/tofu
ARG TERRAFORM_BIN=/bin/terraform

FROM ${TERRAFORM_IMAGE} AS terraform

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional packages bring Node and PostgreSQL for machines that have neither; the image has the one and needs no other.
RUN npm ci --omit=dev --omit=optional --ignore-scripts

FROM ${NODE_IMAGE}
ARG TERRAFORM_BIN
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates git \
  && rm -rf /var/lib/apt/lists/* \
  && groupadd --gid 10001 countersign \
  && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/countersign countersign \
  && install -d -o countersign -g countersign -m 0711 /var/lib/countersign
COPY --from=terraform ${TERRAFORM_BIN} /usr/local/bin/terraform
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY bin ./bin
COPY migrations ./migrations
COPY src ./src
COPY workers ./workers

ENV NODE_ENV=production CHECKPOINT_DISABLE=1
# The server and the migration need no rights at all. The workers run as root (docker-compose.yml: `user: root`, most
# capabilities dropped), because only root can start terraform under another user's id, which is what keeps the code
# in a merge request away from the service's keys, its environment in /proc, and its database. Bubblewrap is the other
# way to the same end; it needs namespaces that the usual container profile forbids, so it is for machines, not for here.
USER countersign
EXPOSE 8080
CMD ["node", "src/server.ts"]
