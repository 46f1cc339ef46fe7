# syntax=docker/dockerfile:1
# One program, three images: core-api, signalr-hub and worker are targets that differ in the parts they serve.
#   docker build --target core-api -t core-api .
# Without Docker: ops/image/build makes the same images from a binary that is already built.

ARG RUST=1.95-bookworm
ARG NODE=20-bookworm-slim
ARG RUNTIME=debian12

FROM rust:${RUST} AS server
WORKDIR /src
# The queries were checked against the schema beforehand; building needs no database.
ENV SQLX_OFFLINE=true CARGO_INCREMENTAL=0
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package dms \
 && strip --strip-all -o /dms target/release/dms

FROM node:${NODE} AS web
WORKDIR /src/web
ENV NG_CLI_ANALYTICS=false
COPY web/package.json web/package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY web ./
RUN npm run build:prod

# C library, certificates, time zones and nothing else: no shell, no package manager.
FROM gcr.io/distroless/cc-${RUNTIME}:nonroot AS program
COPY --from=server --chown=0:0 --chmod=0555 /dms /usr/local/bin/dms
# Numbers, so that a cluster can see that it isn't root. The root file system is never written: DataDir is a mount.
USER 10001:10001
WORKDIR /
ENV DMS_ENVIRONMENT=production DataDir=/data WebDir=/srv/web Port=8080 MetricsPort=9090
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
# Health is asked over HTTP by who runs the container.
HEALTHCHECK NONE
ENTRYPOINT ["/usr/local/bin/dms"]

FROM program AS signalr-hub
CMD ["serve", "--parts", "hub"]

FROM program AS worker
CMD ["serve", "--parts", "worker"]

FROM program AS core-api
COPY --from=web --chown=0:0 /src/web/dist/diligo-dms /srv/web
CMD ["serve", "--parts", "api"]
