# The image of cat-etc-hosts: one static binary and nothing else.
FROM swift:6.3-bookworm AS build
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends musl-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN swift build -c release --toolset Toolsets/amd64.json --scratch-path .build/amd64 --product cat-etc-hosts \
 && mkdir /image \
 && cp .build/amd64/release/cat-etc-hosts /image/

FROM scratch
LABEL org.opencontainers.image.title="cat-etc-hosts" \
      org.opencontainers.image.description="Prints a node's /etc/hosts once, then waits for SIGTERM" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image/ /
# Numeric, so that kubelet can tell that it is not root.
USER 65532:65532
ENTRYPOINT ["/cat-etc-hosts"]
