# The image of cat-etc-hosts and run-once, and, by itself, the plugin kubectl run-once:
#   docker build -t cat-etc-hosts .
#   docker build --target plugin --output DIR .
# or the plugin with all that it needs, for CronJobs and for machines that it can't be built on:
#   docker build --target runner -t kubectl-run-once .
ARG KUBECTL_VERSION=v1.36.0

# Two static binaries for each architecture, built without emulation on the platform that builds.
FROM --platform=$BUILDPLATFORM swift:6.3-bookworm AS agents
RUN dpkg --add-architecture amd64 \
 && dpkg --add-architecture arm64 \
 && apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends musl-dev:amd64 musl-dev:arm64 \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
# One time for all builds, so that the same sources give the same layer.
RUN Release/agents \
 && find .build/agents -exec touch -d @0 {} +

# kubectl run-once, one static file with the agents in it, built on the platform that it is for; and its completion.
FROM swift:6.3-bookworm AS plugin-build
WORKDIR /source
COPY . .
COPY --from=agents /source/.build/agents .build/agents
RUN EMBED_AGENTS=1 swift build -c release --product kubectl-run_once -Xswiftc -static-executable -Xlinker -s \
 && mkdir /plugin \
 && cp .build/release/kubectl-run_once Sources/kubectl-run_once/kubectl_complete-run_once /plugin/

FROM scratch AS plugin
COPY --from=plugin-build /plugin/ /

# The plugin with the kubectl, the curl, the diff (which every Debian has) and the shell that it uses.
FROM registry.k8s.io/kubectl:${KUBECTL_VERSION} AS kubectl

FROM debian:bookworm-slim AS runner
LABEL org.opencontainers.image.title="kubectl-run-once" \
      org.opencontainers.image.description="kubectl run-once, with kubectl and curl" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends ca-certificates curl \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/*
COPY --from=kubectl /bin/kubectl /usr/local/bin/
COPY --from=plugin-build /plugin/ /usr/local/bin/
# All that is written goes here: the root may be read-only, and the user any.
ENV HOME=/tmp TMPDIR=/tmp
# Numeric, so that kubelet can tell that it is not root.
USER 65532:65532
ENTRYPOINT ["kubectl-run_once"]

# The image: the two static binaries for its platform and nothing else.
FROM scratch
ARG TARGETARCH
LABEL org.opencontainers.image.title="cat-etc-hosts" \
      org.opencontainers.image.description="Runs a task once on every node: prints its /etc/hosts, or runs any command" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=agents /source/.build/agents/${TARGETARCH}/ /
# Numeric, so that kubelet can tell that it is not root.
USER 65532:65532
ENTRYPOINT ["/cat-etc-hosts"]
